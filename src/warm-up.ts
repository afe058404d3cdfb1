import type { Clock, Fetch } from "./contract/edges.ts";
import type { Candidate } from "./contract/route.ts";
import { log } from "./ops/log.ts";

/** A model is asked to be loaded this often at most, in the whole fleet. */
const everyMs = 60_000;
/** Loading takes its time; whoever needs the model before it is there waits with a clock of its own. */
const patienceMs = 25_000;

interface WarmUpEdges {
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Gives a name to one isolate of the fleet, for so long; rejects when it cannot be reached. */
  readonly claim: (name: string, forMs: number) => Promise<boolean>;
  /** Belongs into `waitUntil` of whoever notices. */
  readonly later: (work: Promise<unknown>) => void;
}

/** Has local models loaded before they are needed, once for the fleet. */
export class WarmUp {
  readonly #edges: WarmUpEdges;
  readonly #askedAt = new Map<string, number>();

  constructor(edges: WarmUpEdges) {
    this.#edges = edges;
  }

  /** Begins to load models, after the response. */
  start(candidates: readonly Candidate[]): void {
    const now = this.#edges.clock.now();
    for (const candidate of candidates) {
      if (now - (this.#askedAt.get(candidate.id) ?? Number.NEGATIVE_INFINITY) < everyMs) continue;
      this.#askedAt.set(candidate.id, now);
      this.#edges.later(this.#warm(candidate));
    }
  }

  async #warm({ id, account, model }: Candidate): Promise<void> {
    const { claim, fetch } = this.#edges;
    // A fleet out of reach is no reason to leave the model cold: loading it twice does no harm.
    const ours = await claim(`warm ${id}`, everyMs).catch(() => true);
    if (!ours) return;
    log("loading_model_ahead", { candidate: id });
    await account.provider?.warm?.(model, { fetch, signal: AbortSignal.timeout(patienceMs) });
  }
}

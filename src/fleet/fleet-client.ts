import type { FleetView } from "../contract/decision.ts";
import type { Clock, Random, Wait } from "../contract/edges.ts";

/** With traffic an isolate syncs this often, give or take the jitter. */
const syncEveryMs = 1_500;
const jitterMs = 500;
/** An isolate that has not synced for this long (no traffic) is cold again: it may have missed a config. */
const coldAfterMs = 3_000;
/** What a warm isolate's first request after a pause waits for the fleet at most. */
const boundedReadMs = 50;
/** A new isolate has no config yet and cannot serve rightly without one. */
const firstReadMs = 1_000;
const backoffMs = [1_000, 2_000, 5_000, 10_000] as const;

export interface FleetEdges {
  readonly clock: Clock;
  readonly random: Random;
  readonly wait: Wait;
  /** Asks the fleet and applies what it says; rejects when it cannot be reached. */
  readonly exchange: () => Promise<void>;
  readonly onFailure: (error: unknown) => void;
}

/** When an isolate talks to the fleet. Plain data and the clock: nothing is shared between requests. */
export class FleetClient {
  readonly #edges: FleetEdges;
  #syncedAt: number | null = null;
  #nextAt = 0;
  #failures = 0;

  constructor(edges: FleetEdges) {
    this.#edges = edges;
  }

  view(): FleetView {
    if (this.#failures > 0) return "alone";
    return this.#isCold() ? "stale" : "synced";
  }

  /**
   * Called at the start of each request. In a warm isolate it waits for nothing: a due sync goes
   * into `waitUntil`. In a cold one it waits, within bounds, for the fleet's word.
   */
  async freshen(waitUntil: (work: Promise<unknown>) => void): Promise<void> {
    const now = this.#edges.clock.now();
    if (now < this.#nextAt && !(this.#isCold() && this.#failures === 0)) return;
    const cold = this.#isCold();
    const bound = this.#syncedAt === null ? firstReadMs : boundedReadMs;
    this.#nextAt = now + syncEveryMs + this.#edges.random() * jitterMs;
    const sync = this.#sync();
    waitUntil(sync);
    if (cold) await Promise.race([sync, this.#edges.wait(bound)]);
  }

  #isCold(): boolean {
    return this.#syncedAt === null || this.#edges.clock.now() - this.#syncedAt > coldAfterMs;
  }

  async #sync(): Promise<void> {
    try {
      await this.#edges.exchange();
      this.#syncedAt = this.#edges.clock.now();
      this.#failures = 0;
    } catch (error) {
      const step = Math.min(this.#failures, backoffMs.length - 1);
      this.#nextAt = this.#edges.clock.now() + (backoffMs[step] ?? syncEveryMs);
      this.#failures += 1;
      this.#edges.onFailure(error);
    }
  }
}

import type { Clock, Fetch } from "../contract/edges.ts";
import type { Readiness } from "../contract/provider.ts";
import type { Account } from "../contract/route.ts";

/** A check is for telling people and plans what is there; it must not hang on what is not. */
const checkMs = 1_500;
/** How long the knowledge that a local provider is down is acted upon. */
const countsForMs = 10_000;

export interface ProviderReadiness {
  readonly name: string;
  readonly kind: string;
  readonly ready: boolean;
  readonly reason: string | null;
}

/** What is known about whether providers are there, by asking the ones that cost nothing to ask. */
export class ReadinessBoard {
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #refreshed: boolean;
  readonly #local = new Map<string, { readiness: Readiness; at: number }>();
  #checkedAt = Number.NEGATIVE_INFINITY;

  /** `refreshed`: requests keep the knowledge fresh, so that the last word counts until the next. */
  constructor(edges: { clock: Clock; fetch: Fetch; refreshed: boolean }) {
    this.#refreshed = edges.refreshed;
    this.#clock = edges.clock;
    this.#fetch = edges.fetch;
  }

  /** Why a local provider is known to be out of reach; null when it answers or nobody has asked lately. */
  unreachable(provider: string, now: number): { reason: string; until: number } | null {
    const known = this.#local.get(provider);
    if (known === undefined || known.readiness.ready) return null;
    const until = known.at + countsForMs;
    const { reason } = known.readiness;
    if (now < until) return { reason, until };
    return this.#refreshed ? { reason, until: now } : null;
  }

  /** Whether what is known of local providers has grown old. */
  isStale(now: number): boolean {
    return now - this.#checkedAt >= countsForMs;
  }

  forget(): void {
    this.#local.clear();
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks every local provider, side by side; never rejects. */
  async checkLocal(accounts: Iterable<Account>): Promise<void> {
    this.#checkedAt = this.#clock.now();
    const local = [...accounts].filter((account) => account.local);
    await Promise.all(local.map((account) => this.#check(account)));
  }

  /** Every account with what is known of it; hosted ones are ready when they have their key. */
  list(accounts: Iterable<Account>): readonly ProviderReadiness[] {
    return [...accounts].map(({ name, kind, missing }) => {
      if (missing !== null) return { name, kind, ready: false, reason: `no ${missing}` };
      const known = this.#local.get(name)?.readiness;
      if (known === undefined || known.ready) return { name, kind, ready: true, reason: null };
      return { name, kind, ready: false, reason: known.reason };
    });
  }

  async #check({ name, provider }: Account): Promise<void> {
    if (provider === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), checkMs);
    const readiness = await provider.check({ fetch: this.#fetch, signal: stop.signal });
    clearTimeout(timer);
    this.#local.set(name, { readiness, at: this.#clock.now() });
  }
}

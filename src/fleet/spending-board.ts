import type { SpendingWindow, Spent } from "../contract/budget.ts";
import type { SpendingBatch, SpendingNews, SpendingTold } from "./messages.ts";
import { add, nameOf } from "./spent.ts";

interface OwnBatch extends Pick<SpendingBatch, "n" | "spent"> {
  /** When it was first told, ms UTC. */
  readonly toldAt: number;
  /** When the first of it was spent, ms UTC. */
  readonly since: number;
}

/**
 * What was spent in each window: by all isolates, as the fleet last said, and by this one since. A
 * batch is kept until it is written down, and told under the same number as long as it may not have
 * arrived: an answer that is lost counts nothing twice. Plain data; pure.
 */
export class SpendingBoard {
  readonly #totals = new Map<string, Spent>();
  readonly #untold = new Map<string, Spent>();
  #untoldSince: number | null = null;
  #batches: readonly OwnBatch[] = [];
  #last = 0;
  #taken = 0;
  #revision = 0;

  /** Counts an answer in each of these windows; null: nobody knows what it cost. */
  count(windows: readonly SpendingWindow[], microUsd: number | null, now: number): void {
    if (windows.length === 0) return;
    this.#untoldSince ??= now;
    const unknown = microUsd === null ? 1 : 0;
    for (const { scope, until } of windows) {
      add(this.#untold, { scope, until, microUsd: microUsd ?? 0, unknown });
    }
  }

  /** What was spent in a window, as far as it is known here. */
  of(window: SpendingWindow): Spent {
    const name = nameOf(window);
    let { microUsd, unknown } = this.#totals.get(name) ?? { microUsd: 0, unknown: 0 };
    const untold = this.#untold.get(name);
    const own = this.#owed().flatMap(({ spent }) => spent.filter((one) => nameOf(one) === name));
    for (const part of untold === undefined ? own : [...own, untold]) {
      microUsd += part.microUsd;
      unknown += part.unknown;
    }
    return { ...window, microUsd, unknown };
  }

  /** Since when there is something that the fleet has not taken in, ms UTC; null when it has all. */
  get owedSince(): number | null {
    return this.#owed()[0]?.since ?? this.#untoldSince;
  }

  /** What the fleet is to be told now. While it is not known whether the last batch has arrived there is no new one. */
  news(now: number): SpendingTold {
    const before = this.#last;
    const isSure = this.#owed().length === 0;
    if (isSure && this.#untoldSince !== null) {
      this.#last += 1;
      const spent = [...this.#untold.values()].filter(({ until }) => until > now);
      const batch = { n: this.#last, spent, toldAt: now, since: this.#untoldSince };
      this.#batches = [...this.#batches, batch];
      this.#untold.clear();
      this.#untoldSince = null;
    }
    return {
      revision: this.#revision,
      batches: this.#batches.map(({ n, spent, toldAt }) => ({
        n,
        spent,
        toldMsAgo: n > before ? null : now - toldAt,
      })),
    };
  }

  adopt({ revision, whole, totals, taken, written }: SpendingNews, now: number): void {
    if (whole) this.#totals.clear();
    for (const [name, { until }] of this.#totals) if (until <= now) this.#totals.delete(name);
    for (const total of totals) this.#totals.set(nameOf(total), total);
    this.#revision = revision;
    this.#taken = taken;
    this.#batches = this.#batches.filter(({ n }) => n > written);
  }

  /** Batches that the totals do not hold, as far as is known. */
  #owed(): readonly OwnBatch[] {
    return this.#batches.filter(({ n }) => n > this.#taken);
  }
}

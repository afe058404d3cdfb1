import type { Spent } from "../contract/budget.ts";
import type { SpendingBatch, SpendingNews, SpendingTold } from "./messages.ts";
import { add, nameOf } from "./spent.ts";

/** Keys and routes come from the operator; these bound what a row of the database must hold. */
const mostWindows = 5_000;
const mostIsolates = 5_000;
/** No window runs longer than a month. */
const longestWindowMs = 31 * 86_400_000;
const sweepEveryMs = 60_000;
/** Longer than a message is under way: by so much a batch may seem to have been told later than it came. */
const underWayMs = 60_000;

/** What the object's database holds. */
export interface StoredSpending {
  readonly totals: readonly Spent[];
  /**
   * The last batch of each isolate that the totals hold, when it came, and when the last window ends
   * that the isolate counts in, ms UTC; an older version did not write the last.
   */
  readonly taken: readonly (readonly [isolate: string, n: number, at: number, until?: number])[];
  /** What came until then may be of isolates that are no longer among them, ms UTC. */
  readonly forgottenUntil?: number;
}

interface Taken {
  readonly n: number;
  /** The last of its batches that is written down. */
  readonly written: number;
  readonly at: number;
  /** From then on what the isolate may tell again is of windows that are over, and counts nowhere. */
  readonly until: number;
}

const nothing: Taken = { n: 0, written: 0, at: 0, until: 0 };

/** What all isolates have spent together, without its storage: pure, given the clock. */
export class FleetSpending {
  readonly #totals = new Map<string, Spent>();
  readonly #revisions = new Map<string, number>();
  readonly #taken = new Map<string, Taken>();
  #revision = 0;
  #forgottenUntil: number;
  #isUnwritten = false;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(stored: StoredSpending | null) {
    this.#forgottenUntil = stored?.forgottenUntil ?? Number.NEGATIVE_INFINITY;
    for (const spent of stored?.totals ?? []) this.#add(spent);
    for (const [isolate, n, at, until = at + longestWindowMs] of stored?.taken ?? []) {
      this.#taken.set(isolate, { n, written: n, at, until });
    }
  }

  /** Whether something has come in that is not written down. */
  get isUnwritten(): boolean {
    return this.#isUnwritten;
  }

  /** Takes in what an isolate has spent, each batch once, and tells it what all have. */
  exchange(
    told: SpendingTold,
    { isolate, knowsThisLife }: { isolate: string; knowsThisLife: boolean },
    now: number,
  ): SpendingNews {
    this.#take(told, isolate, now);
    this.#sweep(now);
    const known = knowsThisLife ? told.revision : 0;
    const news = [...this.#revisions].filter(([, revision]) => revision > known);
    const { n: taken, written } = this.#taken.get(isolate) ?? nothing;
    return {
      revision: this.#revision,
      whole: !knowsThisLife,
      totals: news.flatMap(([name]) => this.#totals.get(name) ?? []),
      taken,
      written,
    };
  }

  /** All that has to be written for nothing to be lost. */
  content(now: number): StoredSpending {
    return {
      totals: [...this.#totals.values()].filter(({ until }) => until > now),
      taken: [...this.#taken].map(([isolate, { n, at, until }]) => [isolate, n, at, until]),
      ...(Number.isFinite(this.#forgottenUntil) && { forgottenUntil: this.#forgottenUntil }),
    };
  }

  /** The content is in the database: what isolates have told need not be told again. */
  written(): void {
    this.#isUnwritten = false;
    for (const [isolate, one] of this.#taken) this.#taken.set(isolate, { ...one, written: one.n });
  }

  #take({ batches }: SpendingTold, isolate: string, now: number): void {
    const heard = this.#taken.get(isolate);
    const before = heard ?? nothing;
    const fresh = batches.filter(({ n }) => n > before.n);
    const last = fresh.at(-1);
    if (last === undefined) return;
    let { until } = before;
    for (const batch of fresh) {
      const isNew = heard !== undefined || !this.#mayBeForgotten(batch, now);
      for (const one of batch.spent) {
        if (isNew && one.until > now) this.#add(one);
        until = Math.max(until, one.until);
      }
    }
    this.#taken.delete(isolate);
    this.#taken.set(isolate, { n: last.n, written: before.written, at: now, until });
    this.#makeRoom(now);
    this.#isUnwritten = true;
  }

  /** Drops the isolate that has told nothing for the longest, where there are too many. */
  #makeRoom(now: number): void {
    const [oldest] = this.#taken;
    if (this.#taken.size <= mostIsolates || oldest === undefined) return;
    const [isolate, { at, until }] = oldest;
    this.#taken.delete(isolate);
    if (until > now) this.#forgottenUntil = Math.max(this.#forgottenUntil, at);
  }

  /**
   * Whether the totals may hold this batch of an isolate that is not remembered. Such a one is left out:
   * it has come before far more often than not, and what is counted twice may shut a caller out.
   */
  #mayBeForgotten({ toldMsAgo }: SpendingBatch, now: number): boolean {
    if (toldMsAgo === null || toldMsAgo === undefined) return false;
    return now - toldMsAgo <= this.#forgottenUntil + underWayMs;
  }

  #add(spent: Spent): void {
    add(this.#totals, spent);
    this.#revision += 1;
    this.#revisions.set(nameOf(spent), this.#revision);
  }

  /** Drops windows that are over and isolates that counted in no other; where there are too many, those that end first. */
  #sweep(now: number): void {
    if (this.#totals.size <= mostWindows && now - this.#sweptAt < sweepEveryMs) return;
    this.#sweptAt = now;
    const running = [...this.#totals].filter(([, { until }]) => until > now);
    const kept = running.sort(([, a], [, b]) => b.until - a.until).slice(0, mostWindows);
    const names = new Set(kept.map(([name]) => name));
    for (const name of [...this.#totals.keys()].filter((one) => !names.has(one))) {
      this.#totals.delete(name);
      this.#revisions.delete(name);
    }
    for (const [isolate, { until }] of this.#taken) {
      if (until <= now) this.#taken.delete(isolate);
    }
  }
}

import type { Clock, Random, Wait } from "../contract/edges.ts";
import { within } from "../contract/within.ts";

/** With traffic an isolate syncs this often, give or take the jitter. */
const syncEveryMs = 1_500;
const jitterMs = 500;
/** An isolate that has not synced for this long (no traffic) is cold again: it may have missed a config. */
const coldAfterMs = 3_000;
/** After a failure the next try waits a second, then twice as long each time, up to this. */
const firstBackoffMs = 1_000;
const mostBackoffMs = 15_000;
/** An object that takes longer than this is as good as gone. */
const answersWithinMs = 2_000;
/** A sync of another request that has not ended by then was cut off with it. */
const overdueMs = 5_000;
/** Follow-ups of one sync for what came up meanwhile. */
const mostTurns = 3;

/** What an object and an isolate have said to each other so far. */
export interface LinkState {
  readonly incarnation: string | null;
  readonly revision: number;
  /** How far the object's clock is ahead of ours, ms; null before the first answer. */
  readonly skewMs: number | null;
}

/** An object's answer. */
export interface Exchanged {
  readonly incarnation: string;
  readonly revision: number;
  /** By the object's clock, ms UTC. */
  readonly now: number;
  /** Takes over what it says, its times being `skewMs` ahead of ours. */
  readonly apply: (skewMs: number) => void;
}

export interface LinkEdges {
  readonly clock: Clock;
  readonly random: Random;
  readonly wait: Wait;
  /** Tells the object what is new and gives its answer; rejects when it cannot be reached. */
  readonly exchange: (state: LinkState) => Promise<Exchanged>;
  /** Whether there is something that the object should hear at once. */
  readonly hasNews: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/** When an isolate talks to one object of the fleet. Plain data and the clock: nothing is shared between requests. */
export class FleetLink {
  readonly #edges: LinkEdges;
  #state: LinkState = { incarnation: null, revision: 0, skewMs: null };
  #syncedAt: number | null = null;
  #nextAt = 0;
  #failures = 0;
  /** Until when a sync under way counts as such; null when none is. */
  #busyUntil: number | null = null;

  constructor(edges: LinkEdges) {
    this.#edges = edges;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** The object could not be reached when last tried. */
  get alone(): boolean {
    return this.#failures > 0;
  }

  /** The object has answered, and the last time that it was asked. */
  get reachable(): boolean {
    return this.#syncedAt !== null && this.#failures === 0;
  }

  /** Nothing was ever heard here. */
  get isNew(): boolean {
    return this.#syncedAt === null;
  }

  get isCold(): boolean {
    return this.#syncedAt === null || this.#edges.clock.now() - this.#syncedAt > coldAfterMs;
  }

  /** Since when another request's sync is under way, ms UTC; null when none is. */
  get busySince(): number | null {
    if (this.#busyUntil === null) return null;
    const since = this.#busyUntil - overdueMs;
    const now = this.#edges.clock.now();
    // Not one that began later than now: the clock was set back.
    return since <= now && now < this.#busyUntil ? since : null;
  }

  get isDue(): boolean {
    if (this.busySince !== null) return false;
    if (this.isNew && this.#failures === 0) return true;
    return this.#edges.clock.now() >= this.#nextAt;
  }

  /** Syncs; never rejects, and ends in bounded time. */
  async sync(): Promise<void> {
    const { clock, random } = this.#edges;
    this.#nextAt = clock.now() + syncEveryMs + random() * jitterMs;
    this.#busyUntil = clock.now() + overdueMs;
    try {
      for (let turn = 0; turn < mostTurns; turn += 1) {
        await this.#once();
        if (!this.#edges.hasNews()) break;
      }
    } catch (error) {
      this.#backOff();
      this.#edges.onFailure(error);
    } finally {
      this.#busyUntil = null;
    }
  }

  /** Tells what is new at once, unless a sync that is under way will, or the object is out of reach. */
  async report(): Promise<void> {
    if (this.#edges.hasNews()) await this.tell();
  }

  /** The same whether or not anything is news. */
  async tell(): Promise<void> {
    const backingOff = this.#failures > 0 && this.#edges.clock.now() < this.#nextAt;
    if (this.busySince === null && !backingOff) await this.sync();
  }

  async #once(): Promise<void> {
    const { clock, exchange, wait } = this.#edges;
    const sentAt = clock.now();
    const answer = await within(exchange(this.#state), {
      ms: answersWithinMs,
      wait,
      late: `the fleet did not answer within ${answersWithinMs} ms`,
    });
    const receivedAt = clock.now();
    const { incarnation, revision } = answer;
    const uncertainMs = (receivedAt - sentAt) / 2;
    const measured = answer.now - (sentAt + uncertainMs);
    const before = this.#state.skewMs;
    // A slow answer says little about the clocks; what it does not refute stays.
    const refuted = before === null || Math.abs(measured - before) > uncertainMs;
    const skewMs = refuted ? Math.round(measured) : before;
    this.#state = { incarnation, revision, skewMs };
    this.#syncedAt = receivedAt;
    this.#failures = 0;
    answer.apply(skewMs);
  }

  #backOff(): void {
    const { clock, random } = this.#edges;
    const doubled = Math.min(firstBackoffMs * 2 ** Math.min(this.#failures, 10), mostBackoffMs);
    this.#failures += 1;
    this.#nextAt = clock.now() + doubled * (0.5 + random() * 0.5);
  }
}

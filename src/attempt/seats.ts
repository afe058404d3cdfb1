import type { Clock, Wait } from "../contract/edges.ts";
import type { Failure } from "../contract/failure.ts";
import type { Seats } from "../contract/route.ts";
import { callerGone } from "./caller-gone.ts";

/** How often someone who waits looks whether it is their turn: nobody can wake another's request. */
const lookEveryMs = 25;

/** One request at a candidate; gone by `until` even when its isolate forgot to say so. */
interface Sitting {
  readonly until: number;
}

interface Table {
  readonly sitting: Set<Sitting>;
  readonly waiting: Sitting[];
}

/** Who sits at candidates that take only so many requests at once. Plain data, given the clock. */
export class SeatBoard {
  readonly #tables = new Map<string, Table>();
  readonly #isolates: () => number;

  /** `isolates`: how many share a candidate's seats. */
  constructor(isolates: () => number) {
    this.#isolates = isolates;
  }

  /** Stands in line; false when the line is full. A free seat may be taken in the same moment. */
  queue(candidate: string, one: Sitting, seats: Seats, now: number): boolean {
    const table = this.#table(candidate, now);
    const free = this.#share(seats) - table.sitting.size;
    if (table.waiting.length >= seats.waiting + Math.max(0, free)) return false;
    table.waiting.push(one);
    return true;
  }

  /** Takes a seat, for the first in line while there is one. */
  take(candidate: string, one: Sitting, seats: Seats, now: number): boolean {
    const table = this.#table(candidate, now);
    if (table.waiting[0] !== one || table.sitting.size >= this.#share(seats)) return false;
    table.waiting.shift();
    table.sitting.add(one);
    return true;
  }

  leave(candidate: string, one: Sitting): void {
    const table = this.#tables.get(candidate);
    if (table === undefined) return;
    table.sitting.delete(one);
    const place = table.waiting.indexOf(one);
    if (place >= 0) table.waiting.splice(place, 1);
    if (table.sitting.size + table.waiting.length === 0) this.#tables.delete(candidate);
  }

  /** This isolate's part of the fleet's seats; one at least, else it could serve nobody. */
  #share({ most }: Seats): number {
    return Math.max(1, Math.floor(most / Math.max(1, this.#isolates())));
  }

  #table(candidate: string, now: number): Table {
    const table = this.#tables.get(candidate) ?? { sitting: new Set(), waiting: [] };
    this.#tables.set(candidate, table);
    for (const one of table.sitting) if (one.until <= now) table.sitting.delete(one);
    while (table.waiting[0] !== undefined && table.waiting[0].until <= now) table.waiting.shift();
    return table;
  }
}

type Taken =
  | { readonly taken: true; leave(): void }
  | { readonly taken: false; readonly failure: Failure };

interface Waiter {
  readonly seats: SeatBoard;
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly wait: Wait;
}

/** Waits for a seat at a candidate, for as long as its config says; then the next candidate is better. */
export async function takeSeat(
  { candidate, seats }: { candidate: string; seats: Seats },
  { seats: board, deadlineAt, signal, clock, wait }: Waiter,
): Promise<Taken> {
  const one = { until: deadlineAt };
  const began = clock.now();
  const giveUpAt = Math.min(began + seats.waitMs, deadlineAt);
  if (!board.queue(candidate, one, seats, began)) return { taken: false, failure: queueFull };
  const leave = (): void => board.leave(candidate, one);
  for (;;) {
    const now = clock.now();
    if (board.take(candidate, one, seats, now)) return { taken: true, leave };
    const left = giveUpAt - now;
    const waited = left > 0 && (await waits(Math.min(lookEveryMs, left), signal, wait));
    if (waited) continue;
    leave();
    return { taken: false, failure: signal.aborted ? callerGone : queueFull };
  }
}

async function waits(ms: number, signal: AbortSignal, wait: Wait): Promise<boolean> {
  try {
    await wait(ms, signal);
    return true;
  } catch {
    return false;
  }
}

/** Our own queue, and not the provider's: its circuit has nothing to learn from it. */
const queueFull: Failure = {
  class: "overloaded",
  failsOver: true,
  verdict: "neutral",
  scope: "none",
  retryAfterMs: null,
  status: null,
  code: "queue_full",
  type: null,
  message: "all its places are taken, and nobody left in time",
  body: null,
  contentType: null,
};

import type { Clock, Wait } from "../contract/edges.ts";
import { within } from "../contract/within.ts";

/** How long finished rows may gather before they are written together. */
const windowMs = 250;
const mostInOneWrite = 50;
/** Rows kept while the store is down; beyond it the oldest are lost, and counted. */
const mostWaiting = 5_000;
const writeTries = 2;
/** A store that hangs is as good as down: what runs after a response has 30 s in all. */
const writesWithinMs = 8_000;

export interface RecorderEdges<Row> {
  readonly clock: Clock;
  readonly wait: Wait;
  /** Writes a batch, or rejects. */
  readonly write: (batch: readonly Row[]) => Promise<void>;
  /** Told of rows that could not be written. */
  readonly onLost: (count: number, error: unknown) => void;
}

/**
 * Gathers rows (finished decisions, circuits' transitions) as plain data and writes them after the response. The request that
 * finds nobody flushing owns the next flush, in its own `waitUntil`: no promise or timer is shared
 * between requests. A flush that is overdue (its owner was cut off) is taken over.
 */
export class Recorder<Row> {
  readonly #edges: RecorderEdges<Row>;
  #waiting: Row[] = [];
  #flushDueAt: number | null = null;
  #lost = 0;

  constructor(edges: RecorderEdges<Row>) {
    this.#edges = edges;
  }

  /** Rows that were lost since the isolate started. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a row; what it returns belongs into the request's `waitUntil` and never rejects. */
  async record(row: Row): Promise<void> {
    this.#waiting.push(row);
    if (this.#waiting.length > mostWaiting) this.#lose(this.#waiting.splice(0, 1).length, null);
    const now = this.#edges.clock.now();
    const owned = this.#flushDueAt !== null && now < this.#flushDueAt + windowMs;
    if (owned && this.#waiting.length < mostInOneWrite) return;
    if (!owned) {
      this.#flushDueAt = now + windowMs;
      await this.#edges.wait(windowMs);
      this.#flushDueAt = null;
    }
    await this.#flush();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, mostInOneWrite);
      await this.#write(batch);
    }
  }

  async #write(batch: readonly Row[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await within(this.#edges.write(batch), {
          ms: writesWithinMs,
          wait: this.#edges.wait,
          late: `the store did not answer within ${writesWithinMs} ms`,
        });
        return;
      } catch (error) {
        if (tries === writeTries) {
          this.#lose(batch.length, error);
          return;
        }
      }
    }
  }

  #lose(count: number, error: unknown): void {
    this.#lost += count;
    this.#edges.onLost(count, error);
  }
}

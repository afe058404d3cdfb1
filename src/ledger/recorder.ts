import type { Clock, Wait } from "../contract/edges.ts";
import type { Decision } from "../contract/decision.ts";

/** How long finished decisions may gather before they are written together. */
const windowMs = 250;
const mostInOneWrite = 50;
/** Decisions kept while the store is down; beyond it the oldest are lost, and counted. */
const mostWaiting = 5_000;
const writeTries = 2;

export interface RecorderEdges {
  readonly clock: Clock;
  readonly wait: Wait;
  /** Writes a batch, or rejects. */
  readonly write: (batch: readonly Decision[]) => Promise<void>;
  /** Told of decisions that could not be written. */
  readonly onLost: (count: number, error: unknown) => void;
}

/**
 * Gathers finished decisions as plain data and writes them after the response. The request that
 * finds nobody flushing owns the next flush, in its own `waitUntil`: no promise or timer is shared
 * between requests. A flush that is overdue (its owner was cut off) is taken over.
 */
export class Recorder {
  readonly #edges: RecorderEdges;
  #waiting: Decision[] = [];
  #flushDueAt: number | null = null;
  #lost = 0;

  constructor(edges: RecorderEdges) {
    this.#edges = edges;
  }

  /** Decisions that were lost since the isolate started. */
  get lost(): number {
    return this.#lost;
  }

  /** Takes a decision; what it returns belongs into the request's `waitUntil` and never rejects. */
  async record(decision: Decision): Promise<void> {
    this.#waiting.push(decision);
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

  async #write(batch: readonly Decision[]): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.#edges.write(batch);
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

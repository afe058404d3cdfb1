/** Retries may be this share of the requests in the window. */
const share = 0.2;
/**
 * And so many whatever the traffic: an app that asks once a minute would otherwise never be retried,
 * and ten calls a minute multiply nobody's outage.
 */
const floor = 10;
const buckets = 12;
const bucketMs = 5_000;

/**
 * How often one isolate may ask a candidate again, over a window of a minute that slides by the
 * clock that is passed in: in an outage every request fails, and retrying each would double the load
 * on what is already down. Plain counts; no timer.
 */
export class RetryBudget {
  readonly #requests = Array.from({ length: buckets }, () => 0);
  readonly #retries = Array.from({ length: buckets }, () => 0);
  #bucket = 0;

  countRequest(now: number): void {
    this.#slide(now);
    this.#requests[this.#bucket % buckets] = this.#at(this.#requests) + 1;
  }

  /** Whether one more retry is within the budget. */
  has(now: number): boolean {
    this.#slide(now);
    return sum(this.#retries) + 1 <= Math.max(floor, sum(this.#requests) * share);
  }

  spend(now: number): void {
    this.#slide(now);
    this.#retries[this.#bucket % buckets] = this.#at(this.#retries) + 1;
  }

  /** A retry that was spent was not made after all. */
  giveBack(now: number): void {
    this.#slide(now);
    this.#retries[this.#bucket % buckets] = Math.max(0, this.#at(this.#retries) - 1);
  }

  #at(counts: readonly number[]): number {
    return counts[this.#bucket % buckets] ?? 0;
  }

  /** A clock that was set back changes nothing: what was counted stays counted until its time is over. */
  #slide(now: number): void {
    const bucket = Math.floor(now / bucketMs);
    const passed = Math.min(bucket - this.#bucket, buckets);
    if (passed <= 0) return;
    for (let step = 0; step < passed; step += 1) {
      this.#requests[(bucket - step) % buckets] = 0;
      this.#retries[(bucket - step) % buckets] = 0;
    }
    this.#bucket = bucket;
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

import { EventEmitter } from "node:events";
import CircuitBreaker from "opossum";
import type { BreakerOptions } from "../contract/route.ts";

/** opossum counts in ten buckets. */
const buckets = 10;

/** Longer than any request lives: the one timer that opossum insists on must never decide anything. */
const neverMs = 2_147_483_647;

/**
 * opossum's rolling window over the outcomes of one scope, without its timers.
 *
 * On Workers a timer dies with the request that set it, so opossum's own clockwork (bucket
 * rotation, open to half-open) would stop for good. Here the buckets are rotated from the clock
 * when the window is next used, and a window that has opened is thrown away: how long the
 * circuit stays open is the circuit's business.
 */
export class OutcomeWindow {
  readonly #bucketMs: number;
  // One emitter per breaker: workerd's listenerCount() would let only the first of several listen.
  readonly #rotation = new EventEmitter();
  readonly #breaker: CircuitBreaker<[boolean], void>;
  #rotatedAt: number;

  constructor(options: BreakerOptions, state: "closed" | "half-open", now: number) {
    this.#bucketMs = Math.floor(options.rollingCountTimeout / buckets);
    this.#rotatedAt = now;
    this.#breaker = new CircuitBreaker(replay, {
      timeout: false,
      resetTimeout: neverMs,
      rollingCountBuckets: buckets,
      rollingCountTimeout: options.rollingCountTimeout,
      rollingPercentilesEnabled: false,
      errorThresholdPercentage: options.errorThresholdPercentage,
      volumeThreshold: options.volumeThreshold,
      enableSnapshots: false,
      rotateBucketController: this.#rotation,
      ...(state === "half-open" && { state: { closed: false, halfOpen: true, enabled: true } }),
    });
  }

  /** Counts one outcome; true when by opossum's rules the circuit is open after it. */
  count(succeeded: boolean, now: number): boolean {
    this.#rotate(now);
    const told = this.#breaker.fire(succeeded);
    if (!succeeded) told.catch(ignoreReplayed);
    return this.#breaker.opened;
  }

  /** Ends opossum's instance, timer included. The window is not used again. */
  discard(): void {
    this.#breaker.shutdown();
  }

  #rotate(now: number): void {
    const elapsed = Math.floor((now - this.#rotatedAt) / this.#bucketMs);
    if (elapsed <= 0) return;
    for (let turn = 0; turn < Math.min(elapsed, buckets); turn += 1) this.#rotation.emit("rotate");
    this.#rotatedAt += elapsed * this.#bucketMs;
  }
}

class ReplayedFailure extends Error {}

/**
 * What opossum takes for the promise of an action that has succeeded. It calls back at once, so that
 * an outcome is counted when it is told, and nobody has to wait for it.
 */
const succeededAtOnce: Promise<void> = Object.assign(Promise.resolve(), {
  // oxlint-disable-next-line unicorn/no-thenable -- opossum asks its action for nothing else
  then: (count?: (() => void) | null): Promise<void> => {
    count?.();
    return succeededAtOnce;
  },
});

/** The action that opossum runs: the outcome is known already, opossum only has to count it. */
function replay(succeeded: boolean): Promise<void> {
  if (!succeeded) throw new ReplayedFailure();
  return succeededAtOnce;
}

function ignoreReplayed(error: unknown): void {
  if (!(error instanceof ReplayedFailure)) throw error;
}

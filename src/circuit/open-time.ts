import type { Random } from "../contract/edges.ts";
import type { FailureClass } from "../contract/failure.ts";
import type { BreakerOptions } from "../contract/route.ts";

/** A reset further away than this is probed once a day all the same: statements can be wrong. */
const longestStatedMs = 86_400_000;

/** A circuit that was closed for this long has proved itself: the next opening is a first one again. */
export const sustainedHealthMs = 300_000;

/** Classes that open a circuit at the first failure, and for how long when the provider states no reset. */
const opensAtOnce: Partial<Record<FailureClass, number>> = {
  rate_limited: 10_000,
  quota_exhausted: 900_000,
  auth: 300_000,
};

export function opensImmediately(failureClass: FailureClass): boolean {
  return opensAtOnce[failureClass] !== undefined;
}

/**
 * How long a circuit stays open, ms: what the provider stated, else the class's default, doubled
 * for each opening in a row and spread by up to 10 %, so that isolates do not return in step.
 */
export function openTimeMs(
  failure: { class: FailureClass; retryAfterMs: number | null },
  openings: number,
  { options, random }: { options: BreakerOptions; random: Random },
): number {
  if (failure.retryAfterMs !== null && failure.retryAfterMs > 0) {
    return Math.min(failure.retryAfterMs, longestStatedMs);
  }
  const first = opensAtOnce[failure.class] ?? options.openMs;
  const doubled = first * 2 ** Math.min(openings, 20);
  const capped = Math.min(doubled, Math.max(first, options.maxOpenMs));
  return Math.round(capped * (1 + random() * 0.1));
}

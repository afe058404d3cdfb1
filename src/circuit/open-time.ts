import type { Random } from "../contract/edges.ts";
import type { FailureClass } from "../contract/failure.ts";
import type { BreakerOptions } from "../contract/route.ts";

/** A reset further away than this is probed once a day all the same: statements can be wrong. */
const longestStatedMs = 86_400_000;

/** A circuit that was closed for this long has proved itself: the next opening is a first one again. */
export const sustainedHealthMs = 300_000;

/**
 * Classes that open a circuit at the first failure: for how long at first when the provider states
 * no reset, and at most. What a person has to mend grows beyond `maxOpenMs`.
 */
const opensAtOnce: Partial<Record<FailureClass, { first: number; most: number }>> = {
  rate_limited: { first: 10_000, most: 10_000 },
  quota_exhausted: { first: 900_000, most: 3_600_000 },
  auth: { first: 300_000, most: 1_200_000 },
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
  const usual = { first: options.openMs, most: options.openMs };
  const { first, most } = opensAtOnce[failure.class] ?? usual;
  const doubled = first * 2 ** Math.min(openings, 20);
  const capped = Math.min(doubled, Math.max(most, options.maxOpenMs));
  return Math.round(capped * (1 + random() * 0.1));
}

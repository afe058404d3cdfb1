import type { LimitDimension, LimitReading } from "../contract/limits.ts";
import type { LazyEstimate } from "./estimate.ts";

/**
 * A reading older than this is not acted upon: many allowances refill all the time, and while a
 * candidate is passed over nothing new is heard of it.
 */
const freshMs = 60_000;

/** What of an allowance is too little for a request, and when it is worth looking again (ms UTC). */
export interface TooLittle {
  readonly until: number;
  readonly detail: string;
}

/** Whether a candidate's last word on its limits leaves too little for a request; null when it does not. Pure. */
export function quotaLow(
  reading: LimitReading | null,
  estimate: LazyEstimate,
  now: number,
): TooLittle | null {
  if (reading === null || now - reading.at >= freshMs) return null;
  for (const dimension of reading.dimensions) {
    const { unit, remaining, resetAt } = dimension;
    if (remaining === null || resetAt === null || resetAt <= now) continue;
    const needed = neededOf(dimension, estimate);
    if (remaining >= needed) continue;
    const until = Math.min(resetAt, reading.at + freshMs);
    return { until, detail: `${remaining} ${unit} left, ${needed} needed` };
  }
  return null;
}

function neededOf({ unit, remaining }: LimitDimension, estimate: LazyEstimate): number {
  if (unit === "requests") return 1;
  if (remaining !== null && remaining >= estimate.atMost) return 0;
  const { input, output } = estimate.tokens;
  switch (unit) {
    case "input_tokens":
      return input;
    case "output_tokens":
      return output;
    case "tokens":
      return input + output;
  }
}

import type { Timeouts } from "../contract/route.ts";
import type { CircuitView, Take } from "./circuit.ts";

/** Which of two circuits in the way of one candidate counts: where both are open, the later end. */
export function graver(provider: CircuitView, own: CircuitView): CircuitView {
  const worse = hindrance(own) - hindrance(provider);
  if (worse === 0) return (own.until ?? 0) > (provider.until ?? 0) ? own : provider;
  return worse > 0 ? own : provider;
}

/** A probe is waited for as long as its attempt may run: nobody else knows that it is not lost. */
export function longestAttemptMs({ wholeMs, totalMs, coldStartMs }: Timeouts): number {
  return Math.max(wholeMs, totalMs, coldStartMs);
}

type Refused = Extract<Take, { granted: false }>;

/** A refusal by one scope where the other one may be open for longer. */
export function untilBoth(refused: Refused, { state, until }: CircuitView): Refused {
  if (state !== "open" || until === null || refused.until >= until) return refused;
  return { granted: false, until, probing: false };
}

/** How much a circuit stands in the way. */
function hindrance({ state, until, ramp, leased }: CircuitView): number {
  if (state === "closed") return 0;
  if (state === "open") return 4;
  if (ramp !== null) return 1 - ramp.share / 2;
  if (until !== null) return 3;
  return leased ? 1.5 : 2;
}

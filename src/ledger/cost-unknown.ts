import type { CostUnknown, Decision } from "../contract/decision.ts";

type Costed = Pick<Decision, "candidate" | "costUsd" | "tokensIn" | "continuedBy">;

/** Why a decision has no cost; null when it has one, or nothing answered. It follows from the rest, so it is not stored. */
export function costUnknownOf(decision: Costed): CostUnknown | null {
  const { candidate, costUsd, tokensIn, continuedBy } = decision;
  if (candidate === null || costUsd !== null) return null;
  if (continuedBy !== null) return "several_models";
  return tokensIn === null ? "no_usage" : "no_price";
}

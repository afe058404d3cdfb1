import type { Allowance } from "../contract/budget.ts";
import type { SkipReason } from "../contract/decision.ts";
import type { ModelFacts, Price, Rate } from "../contract/route.ts";
import { expectedCost } from "./cost.ts";
import { unlearntShare, usualAnswer, type Asked } from "./fits.ts";

export type BudgetState = "within" | "near" | "spent";

/** A budget as it stands in the window that runs. */
export interface BudgetNow {
  readonly allowance: Allowance;
  /** When it begins anew, ms UTC. */
  readonly until: number;
  readonly spentMicroUsd: number;
}

/** The budgets of a request that do not leave it as it is; at least one. */
export interface Standing {
  readonly near: readonly BudgetNow[];
  readonly spent: readonly BudgetNow[];
}

/** Why a budget keeps a candidate from a request. */
export interface OverBudget {
  readonly reason: SkipReason;
  /** When all budgets in its way have begun anew, ms UTC. */
  readonly until: number;
  readonly detail: string;
}

export function stateOf({ allowance, spentMicroUsd }: BudgetNow): BudgetState {
  const { limitMicroUsd, cheaperFrom } = allowance;
  if (spentMicroUsd >= limitMicroUsd) return "spent";
  return spentMicroUsd >= limitMicroUsd * cheaperFrom ? "near" : "within";
}

/** How the budgets that a request counts on stand; null where all have enough left. Pure. */
export function standingOf(budgets: readonly BudgetNow[]): Standing | null {
  const { near = [], spent = [] } = Object.groupBy(budgets, stateOf);
  return near.length + spent.length === 0 ? null : { near, spent };
}

/**
 * Whether the budgets keep a candidate from this request; null when they do not. What costs nothing
 * they never do. With one spent a price must be known to be nothing; else unknown is not too much.
 */
export function overBudget(
  facts: ModelFacts,
  { near, spent }: Standing,
  asked: Pick<Asked, "estimate" | "ratio" | "learnt">,
): OverBudget | null {
  if (isFree(facts.price)) return null;
  const [last] = spent.toSorted((a, b) => b.until - a.until);
  if (last !== undefined) {
    return { reason: "budget_spent", until: last.until, detail: describe(last) };
  }
  const needed = neededOf(facts, asked);
  if (needed === null) return null;
  const [small] = near.filter((one) => leftOf(one) < needed).toSorted((a, b) => b.until - a.until);
  if (small === undefined) return null;
  const detail = `${describe(small)}, and about ${dollars(needed)} needed`;
  return { reason: "budget_too_small", until: small.until, detail };
}

/** Why a candidate that is not the cheapest is asked later: the budget that is used up most. */
export function lowOn({ near, spent }: Standing): OverBudget {
  const shareOf = ({ allowance, spentMicroUsd }: BudgetNow): number =>
    spentMicroUsd / Math.max(1, allowance.limitMicroUsd);
  const [lowest] = [...spent, ...near].toSorted((a, b) => shareOf(b) - shareOf(a));
  const until = lowest?.until ?? 0;
  return { reason: "budget_low", until, detail: lowest === undefined ? "" : describe(lowest) };
}

export function leftOf({ allowance, spentMicroUsd }: BudgetNow): number {
  return Math.max(0, allowance.limitMicroUsd - spentMicroUsd);
}

function isFree(price: Price | null): boolean {
  if (price === null) return false;
  const { input, output, cachedInput, cacheWrite, reasoning } = price;
  return [input, output, cachedInput, cacheWrite, reasoning].every(
    (rate) => rate === null || isNothing(rate),
  );
}

function isNothing({ base, above }: Rate): boolean {
  return base === 0 && above.every(({ price }) => price === 0);
}

/**
 * What the request will cost there at least, as far as can be guessed. The answer's stated limit is the
 * most that it may have and is mostly far from used: a longer one than usual is not held against it.
 */
function neededOf(
  { price, maxOutput }: ModelFacts,
  { estimate, ratio, learnt }: Pick<Asked, "estimate" | "ratio" | "learnt">,
): number | null {
  if (price === null) return null;
  const { input, output } = estimate.tokens;
  const answer = Math.min(output || usualAnswer, usualAnswer, maxOutput ?? usualAnswer);
  return expectedCost(price, input * ratio * (learnt ? 1 : unlearntShare), answer);
}

function describe({ allowance, spentMicroUsd }: BudgetNow): string {
  const { limitMicroUsd, per, key, route } = allowance;
  const whose = key ?? "everybody together";
  const where = route === null ? "" : ` on route ${route}`;
  return `${dollars(spentMicroUsd)} of ${dollars(limitMicroUsd)} per ${per} spent (${whose}${where})`;
}

/** To a hundredth of a cent, or what it takes to see anything. */
function dollars(microUsd: number): string {
  const usd = microUsd / 1_000_000;
  return `$${usd !== 0 && usd < 0.0001 ? usd.toPrecision(2) : String(Number(usd.toFixed(4)))}`;
}

import { describe, expect, it } from "vitest";
import { HedgeBudget } from "../../src/attempt/hedge-budget.ts";

function taken(budget: HedgeBudget, now: number): number {
  let hedges = 0;
  while (hedges < 1_000 && budget.take(now)) hedges += 1;
  return hedges;
}

function budgetAfter(requests: number): HedgeBudget {
  const budget = new HedgeBudget();
  for (let n = 0; n < requests; n += 1) budget.countRequest(1_000_000);
  return budget;
}

describe("the hedge budget", () => {
  it.each([
    [1, 2],
    [40, 2],
    [100, 5],
    [1_000, 50],
  ])("after %i requests of a minute is %i", (requests, hedges) => {
    expect(taken(budgetAfter(requests), 1_000_500)).toBe(hedges);
  });

  it("begins anew with each minute", () => {
    const budget = budgetAfter(1_000);
    taken(budget, 1_000_000);
    expect(taken(budget, 1_059_999)).toBe(0);
    expect(taken(budget, 1_060_000)).toBe(2);
  });

  it("begins anew when the clock is set back", () => {
    const budget = budgetAfter(1_000);
    taken(budget, 1_000_000);
    expect(taken(budget, 400_000)).toBe(2);
    expect(taken(budget, 460_000)).toBe(2);
  });

  it("takes back what found no candidate", () => {
    const budget = budgetAfter(1);
    taken(budget, 1_000_000);
    budget.giveBack();
    expect(taken(budget, 1_000_000)).toBe(1);
  });
});

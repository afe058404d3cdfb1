import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RetryBudget } from "../../src/attempt/retry-budget.ts";

const start = 1_764_000_000_000;

function spendAll(budget: RetryBudget, now: number): number {
  let spent = 0;
  while (spent < 10_000 && budget.has(now)) {
    budget.spend(now);
    spent += 1;
  }
  return spent;
}

function budgetAfter(requests: number): RetryBudget {
  const budget = new RetryBudget();
  for (let n = 0; n < requests; n += 1) budget.countRequest(start);
  return budget;
}

describe("the retry budget", () => {
  it.each([
    [0, 10],
    [50, 10],
    [100, 20],
    [1_000, 200],
  ])("after %i requests of the minute lets %i be retried", (requests, retries) => {
    expect(spendAll(budgetAfter(requests), start)).toBe(retries);
  });

  it("slides: what was spent comes back a minute later, not all at once", () => {
    const budget = new RetryBudget();
    for (let n = 0; n < 5; n += 1) budget.spend(start);
    for (let n = 0; n < 5; n += 1) budget.spend(start + 30_000);
    expect(budget.has(start + 50_000)).toBe(false);
    expect(spendAll(budget, start + 61_000)).toBe(5);
    expect(spendAll(budget, start + 91_000)).toBe(5);
  });

  it("gives back a retry that was not made", () => {
    const budget = budgetAfter(0);
    spendAll(budget, start);
    budget.giveBack(start);
    expect(spendAll(budget, start)).toBe(1);
  });

  it("is never more than a fifth of the requests of the last minute, or ten, whatever the traffic", () => {
    const event = fc.record({ after: fc.integer({ min: 0, max: 20_000 }), asks: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const budget = new RetryBudget();
        const requests: number[] = [];
        const retries: number[] = [];
        let now = start;
        for (const { after, asks } of events) {
          now += after;
          for (let n = 0; n < asks; n += 1) {
            budget.countRequest(now);
            requests.push(now);
            if (!budget.has(now)) continue;
            budget.spend(now);
            retries.push(now);
          }
          const within = (at: number): boolean => at > now - 55_000;
          const lately = retries.filter(within).length;
          // The window's edge is a bucket wide, so requests are counted over all of it.
          const asked = requests.filter((at) => at > now - 120_000).length;
          expect(lately).toBeLessThanOrEqual(Math.max(10, asked * 0.2));
        }
      }),
    );
  });
});

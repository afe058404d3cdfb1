import { describe, expect, it } from "vitest";
import { Budgets } from "../src/budgets.ts";
import { BudgetTable } from "../src/config/budgets.ts";
import { FleetSpending } from "../src/fleet/fleet-spending.ts";
import { SpendingBoard } from "../src/fleet/spending-board.ts";

const key = "key-00000001";

/** Budgets on a clock that goes on only while something waits; `reachable` says whether a sync arrives. */
function onClock({ reachable = () => true }: { reachable?: (tells: number) => boolean } = {}) {
  const clock = { at: 1_000_000, now: () => clock.at };
  const fleet = new FleetSpending(null);
  const spending = new SpendingBoard();
  const works: Promise<unknown>[] = [];
  const tells: number[] = [];
  const sync = (): void => {
    const told = spending.news(clock.at);
    const known = { isolate: "a", knowsThisLife: tells.length > 1 };
    spending.adopt(fleet.exchange(told, known, clock.at), clock.at);
  };
  const during: (() => void)[] = [];
  const budgets = new Budgets({
    clock,
    wait: async (ms) => {
      clock.at += ms;
      during.shift()?.();
    },
    table: () => new BudgetTable([{ usd: 1, per: "day" }], []),
    spending,
    tell: async () => {
      tells.push(clock.at - 1_000_000);
      if (reachable(tells.length)) sync();
    },
    later: (work) => works.push(work),
  });
  const total = () => fleet.content(clock.at).totals[0]?.microUsd ?? 0;
  return { budgets, spending, works, tells, sync, during, total };
}

describe("what an isolate has spent", () => {
  it("is told two seconds later by the request that spent it, where no sync has taken it", async () => {
    const { budgets, works, tells, total } = onClock();
    budgets.charge(key, "r", 0.25);
    budgets.charge(key, "r", 0.5);
    expect(works).toHaveLength(1);
    await Promise.all(works);
    expect([tells, total()]).toEqual([[2_000], 750_000]);
  });

  it("is left to a sync that comes meanwhile", async () => {
    const { budgets, works, tells, sync, during, total } = onClock();
    during.push(sync);
    budgets.charge(key, "r", 0.25);
    await Promise.all(works);
    expect([tells, total()]).toEqual([[], 250_000]);
  });

  it("after such a sync is waited for anew, by the same request", async () => {
    const { budgets, works, tells, sync, during, total } = onClock();
    during.push(() => {
      sync();
      budgets.charge(key, "r", 0.5);
    });
    budgets.charge(key, "r", 0.25);
    await works[0];
    expect(works).toHaveLength(1);
    expect([tells, total()]).toEqual([[4_000], 750_000]);
  });

  it("is told when the fleet is back, and by a later request where it stays away", async () => {
    const back = onClock({ reachable: (tells) => tells > 2 });
    back.budgets.charge(key, "r", 0.25);
    await Promise.all(back.works);
    expect([back.tells, back.total()]).toEqual([[2_000, 4_000, 6_000], 250_000]);
    const away = onClock({ reachable: (tells) => tells > 9 });
    away.budgets.charge(key, "r", 0.25);
    await Promise.all(away.works);
    expect(away.total()).toBe(0);
    expect(away.budgets.list([])).toMatchObject([{ spentUsd: 0.25 }]);
    away.budgets.charge(key, "r", 0.25);
    expect(away.works).toHaveLength(2);
    await Promise.all(away.works);
    expect(away.total()).toBe(500_000);
  });

  it("is counted in whole micro-dollars, as decisions are written", () => {
    const { budgets } = onClock();
    for (const cost of [0.000_000_4, 0.000_000_6, 0.000_001_4]) budgets.charge(key, "r", cost);
    expect(budgets.list([])).toMatchObject([{ spentUsd: 0.000_002 }]);
  });
});

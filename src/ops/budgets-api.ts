import { Hono } from "hono";
import type { BudgetPeriod } from "../contract/budget.ts";
import type { FleetView } from "../contract/decision.ts";

/** A budget as operators see it, in the window that runs. */
export interface BudgetReport {
  /** Null: everybody's together. */
  readonly key: string | null;
  /** Null: for everything. */
  readonly route: string | null;
  readonly per: BudgetPeriod;
  readonly usd: number;
  readonly cheaperFrom: number;
  readonly state: "within" | "near" | "spent";
  readonly spentUsd: number;
  readonly leftUsd: number;
  /** Answers whose cost nobody knows: they count nothing. */
  readonly costUnknown: number;
  /** ms UTC. */
  readonly from: number;
  readonly until: number;
}

/** What operators of budgets need of the isolate. */
export interface Budgeted {
  readonly appKeys: { list(): readonly { readonly name: string }[] };
  readonly budgets: { list(keys: readonly string[]): readonly BudgetReport[] };
  readonly fleet: { syncNow(): Promise<void>; view(): FleetView };
}

/** `/admin/budgets`: every budget, and what all isolates together have spent of it. */
export function budgetsApi(budgeted: () => Budgeted): Hono {
  const api = new Hono();

  api.get("/", async (context) => {
    const { appKeys, budgets, fleet } = budgeted();
    await fleet.syncNow();
    const keys = appKeys.list().map(({ name }) => name);
    return context.json({ budgets: budgets.list(keys), fleet: fleet.view() });
  });

  return api;
}

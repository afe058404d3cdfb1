import type { BudgetTable } from "./config/budgets.ts";
import type { Allowance } from "./contract/budget.ts";
import type { Clock, Wait } from "./contract/edges.ts";
import type { SpendingBoard } from "./fleet/spending-board.ts";
import { leftOf, standingOf, stateOf, type BudgetNow, type Standing } from "./plan/budget.ts";
import { windowAt } from "./plan/budget-window.ts";
import type { BudgetReport } from "./ops/budgets-api.ts";

/** With traffic the syncs tell what was spent; what none has taken with it by then is told apart. */
const toldAfterMs = 2_000;
/** What runs after a response has 30 s; an owner that is not done by then was cut off. */
const cutOffAfterMs = 30_000;
const mostTurns = 10;

export interface BudgetEdges {
  readonly clock: Clock;
  readonly wait: Wait;
  /** Null while the config has no budgets. */
  readonly table: () => BudgetTable | null;
  readonly spending: SpendingBoard;
  /** Tells the fleet what was spent here; never rejects. */
  readonly tell: () => Promise<void>;
  /** Keeps work going after the response. */
  readonly later: (work: Promise<unknown>) => void;
}

/** Who has spent how much of what is theirs. Without budgets in the config nothing here does anything. */
export class Budgets {
  readonly #edges: BudgetEdges;
  /** A request that waits to tell what was spent owns that until then, ms UTC. */
  #ownedUntil = Number.NEGATIVE_INFINITY;

  constructor(edges: BudgetEdges) {
    this.#edges = edges;
  }

  /** The budgets near their end, or beyond, that a request counts on; null where there are none. */
  standing(key: string, route: string): Standing | null {
    const table = this.#edges.table();
    if (table === null) return null;
    return standingOf(table.for(key, route).map((allowance) => this.#now(allowance)));
  }

  /** Counts what an answer has cost, dollars; null: nobody knows. */
  charge(key: string, route: string, costUsd: number | null): void {
    const { clock, spending, later, table: tableOf } = this.#edges;
    const table = tableOf();
    if (table === null) return;
    const now = clock.now();
    const windows = table
      .for(key, route)
      .map(({ scope, per }) => ({ scope, until: windowAt(per, now).until }));
    if (windows.length === 0) return;
    spending.count(windows, costUsd === null ? null : Math.round(costUsd * 1_000_000), now);
    if (now >= this.#ownedUntil || now < this.#ownedUntil - cutOffAfterMs) later(this.#tellLater());
  }

  /** Every budget, those for each key once for each of these. */
  list(keys: readonly string[]): readonly BudgetReport[] {
    const allowances = this.#edges.table()?.list(keys) ?? [];
    return allowances.map((allowance) => this.#report(allowance));
  }

  #report(allowance: Allowance): BudgetReport {
    const { key, route, per, limitMicroUsd, cheaperFrom, scope } = allowance;
    const at = this.#now(allowance);
    const { from, until } = windowAt(per, this.#edges.clock.now());
    return {
      key,
      route,
      per,
      usd: limitMicroUsd / 1_000_000,
      cheaperFrom,
      state: stateOf(at),
      spentUsd: at.spentMicroUsd / 1_000_000,
      leftUsd: leftOf(at) / 1_000_000,
      costUnknown: this.#edges.spending.of({ scope, until }).unknown,
      from,
      until,
    };
  }

  #now(allowance: Allowance): BudgetNow {
    const { scope, per } = allowance;
    const { until } = windowAt(per, this.#edges.clock.now());
    const { microUsd: spentMicroUsd } = this.#edges.spending.of({ scope, until });
    return { allowance, until, spentMicroUsd };
  }

  /**
   * An isolate may never see another request, and with it would go what it has spent. So the request
   * that spends waits, after its response, until a sync has taken that with it, or tells it itself.
   */
  async #tellLater(): Promise<void> {
    const { clock, wait, spending, tell } = this.#edges;
    this.#ownedUntil = clock.now() + cutOffAfterMs;
    for (let turn = 0; turn < mostTurns; turn += 1) {
      const since = spending.owedSince;
      if (since === null) break;
      const restMs = Math.min(toldAfterMs, since + toldAfterMs - clock.now());
      if (restMs > 0) {
        await wait(restMs);
        continue;
      }
      await tell();
      // Out of reach, or a sync that began before it was spent.
      if (spending.owedSince === since) await wait(toldAfterMs);
    }
    this.#ownedUntil = Number.NEGATIVE_INFINITY;
  }
}

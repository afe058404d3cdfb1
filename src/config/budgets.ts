import type { Allowance } from "../contract/budget.ts";
import type { ConfigIssue } from "./compile.ts";
import { defaultCheaperFrom } from "./defaults.ts";
import type { BudgetEntry, ParsedConfig } from "./schema.ts";

/** In place of a route's name: all that is asked for by none, as in `routes`. */
const allElse = "*";
/** In place of a key's name: each key by itself. */
const each = "*";

/** Budgets for routes that are not there, and those that another one says already. */
export function budgetIssues({ budgets = [], routes }: ParsedConfig): ConfigIssue[] {
  const seen = new Map<string, number>();
  return budgets.flatMap((entry, index) => {
    const issues: ConfigIssue[] = [];
    const { route } = entry;
    if (route !== undefined && route !== allElse && !Object.hasOwn(routes, route)) {
      const known = Object.keys(routes).sort().join(", ");
      const reason = `no route "${route}"; known: ${known}`;
      issues.push({ path: `budgets[${index}].route`, reason });
    }
    const scope = scopeOf(entry, entry.key ?? null);
    const first = seen.get(scope);
    if (first === undefined) seen.set(scope, index);
    else {
      const reason = `budgets[${first}] is for the same key, route and window already`;
      issues.push({ path: `budgets[${index}]`, reason });
    }
    return issues;
  });
}

/** The budgets of a config, and which of them a request counts on. */
export class BudgetTable {
  readonly #entries: readonly BudgetEntry[];
  readonly #routes: ReadonlySet<string>;
  /** App keys and routes come from the operator, so there are few of them. */
  readonly #found = new Map<string, readonly Allowance[]>();

  /** Null where the config has no budgets: then nothing is to be done for them. */
  static of({ budgets = [], routes }: ParsedConfig): BudgetTable | null {
    return budgets.length === 0 ? null : new BudgetTable(budgets, Object.keys(routes));
  }

  constructor(entries: readonly BudgetEntry[], routes: readonly string[]) {
    this.#entries = entries;
    this.#routes = new Set(routes);
  }

  /** Those that a request of this key, by this route's name, counts on. */
  for(key: string, routeName: string): readonly Allowance[] {
    const route = this.#routes.has(routeName) ? routeName : allElse;
    const asked = `${key} ${route}`;
    const known = this.#found.get(asked);
    if (known !== undefined) return known;
    const found = this.#entries
      .filter((entry) => (entry.route ?? route) === route && this.#isFor(entry, key))
      .map((entry) => allowanceOf(entry, key));
    this.#found.set(asked, found);
    return found;
  }

  /** All of them, those for each key once for each of these. */
  list(keys: readonly string[]): readonly Allowance[] {
    return this.#entries.flatMap((entry) => {
      if (entry.key !== each) return [allowanceOf(entry, entry.key ?? "")];
      return keys.filter((key) => this.#isFor(entry, key)).map((key) => allowanceOf(entry, key));
    });
  }

  /** A key with a budget of its own is none of "each key": its own is in place of that. */
  #isFor(entry: BudgetEntry, key: string): boolean {
    if (entry.key !== each) return (entry.key ?? key) === key;
    return !this.#entries.some(
      ({ key: own, route, per }) => own === key && route === entry.route && per === entry.per,
    );
  }
}

function allowanceOf(entry: BudgetEntry, asking: string): Allowance {
  const { usd, per, cheaperFrom = defaultCheaperFrom, route = null } = entry;
  const key = entry.key === undefined ? null : asking;
  const limitMicroUsd = Math.round(usd * 1_000_000);
  return { scope: scopeOf(entry, key), key, route, per, limitMicroUsd, cheaperFrom };
}

/** The amount is no part of it: what was spent stays spent when that is changed. */
function scopeOf({ per, route = "" }: BudgetEntry, key: string | null): string {
  return `${per}:${key ?? ""}:${route}`;
}

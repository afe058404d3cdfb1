/** The windows that a budget may be for: of the calendar, UTC. */
export type BudgetPeriod = "hour" | "day" | "month";

/** A caller's allowance with us: how much may be spent in each window. */
export interface Allowance {
  /** A name that is the same in every isolate, and stays when the amount is changed. */
  readonly scope: string;
  /** Whose it is, by the name that decisions carry; null: everybody's together. */
  readonly key: string | null;
  /** What it is for; `*` is all that is asked for by no route's name, null is everything. */
  readonly route: string | null;
  readonly per: BudgetPeriod;
  readonly limitMicroUsd: number;
  /** The spent share from which on requests turn to the cheapest candidate. */
  readonly cheaperFrom: number;
}

/** Where spending counts: a scope in one of its windows. */
export interface SpendingWindow {
  readonly scope: string;
  /** When the window ends, ms UTC; it names the window. */
  readonly until: number;
}

/** What was spent in a window. */
export interface Spent extends SpendingWindow {
  readonly microUsd: number;
  /** Answers whose cost nobody knows: they count nothing. */
  readonly unknown: number;
}

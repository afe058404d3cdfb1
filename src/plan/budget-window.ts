import type { BudgetPeriod } from "../contract/budget.ts";

/** ms UTC; the end is the next one's beginning. */
export interface Window {
  readonly from: number;
  readonly until: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The window of the calendar, UTC, that a moment lies in. Pure. */
export function windowAt(per: BudgetPeriod, now: number): Window {
  switch (per) {
    case "hour":
      return windowOf(hourMs, now);
    case "day":
      // Unix time knows no leap seconds, and UTC no summer time.
      return windowOf(dayMs, now);
    case "month": {
      const date = new Date(now);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      return { from: Date.UTC(year, month, 1), until: Date.UTC(year, month + 1, 1) };
    }
  }
}

function windowOf(lengthMs: number, now: number): Window {
  const from = Math.floor(now / lengthMs) * lengthMs;
  return { from, until: from + lengthMs };
}

import { describe, expect, it } from "vitest";
import { windowAt } from "../../src/plan/budget-window.ts";

const at = (iso: string): number => Date.parse(iso);
const shown = (per: "hour" | "day" | "month", iso: string): readonly string[] => {
  const { from, until } = windowAt(per, at(iso));
  return [from, until].map((ms) => new Date(ms).toISOString().replace(/:00\.000Z$/, ""));
};

describe("a budget's window", () => {
  it.each([
    ["hour", "2026-02-28T23:59:59.999Z", "2026-02-28T23:00", "2026-03-01T00:00"],
    ["hour", "2026-03-01T00:00:00.000Z", "2026-03-01T00:00", "2026-03-01T01:00"],
    ["day", "2026-02-28T23:59:59.999Z", "2026-02-28T00:00", "2026-03-01T00:00"],
    ["day", "2028-02-28T12:00:00.000Z", "2028-02-28T00:00", "2028-02-29T00:00"],
    ["day", "2026-12-31T00:00:00.000Z", "2026-12-31T00:00", "2027-01-01T00:00"],
    // Clocks in Berlin went forward that night: a day of the budget's has 24 hours all the same.
    ["day", "2026-03-29T12:00:00.000Z", "2026-03-29T00:00", "2026-03-30T00:00"],
    ["month", "2026-01-31T23:59:59.999Z", "2026-01-01T00:00", "2026-02-01T00:00"],
    ["month", "2026-02-01T00:00:00.000Z", "2026-02-01T00:00", "2026-03-01T00:00"],
    ["month", "2028-02-29T23:59:59.999Z", "2028-02-01T00:00", "2028-03-01T00:00"],
    ["month", "2026-12-31T23:59:59.999Z", "2026-12-01T00:00", "2027-01-01T00:00"],
  ] as const)("by the %s at %s is from %s until %s", (per, iso, from, until) => {
    expect(shown(per, iso)).toEqual([from, until]);
  });

  it("ends where the next one begins, and is the same from its first to its last moment", () => {
    for (const per of ["hour", "day", "month"] as const) {
      let { from, until } = windowAt(per, at("2027-11-15T07:31:00Z"));
      for (let turn = 0; turn < 30; turn += 1) {
        expect(windowAt(per, from)).toEqual({ from, until });
        expect(windowAt(per, until - 1)).toEqual({ from, until });
        const next = windowAt(per, until);
        expect(next.from).toBe(until);
        ({ from, until } = next);
      }
    }
  });
});

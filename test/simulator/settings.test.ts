import { expect, test } from "vitest";
import { checkSimulatorSettings, simulatorSettingsSchema } from "../../src/simulator/settings.ts";

test("an empty section is an unlimited credit under tier 1's limits", () => {
  expect(simulatorSettingsSchema.parse({})).toEqual({
    creditUsd: null,
    requestsPerMinute: 500,
    tokensPerMinute: 200_000,
    requestsPerDay: 10_000,
    tokensPerDay: null,
    tokensPerSecond: 80,
    firstTokenMs: 300,
    slowMs: 30_000,
    fault: null,
    failEvery: 1,
    seed: 1,
  });
});

test.each([
  [{ creditUsd: -1 }, /^creditUsd: /],
  [{ requestsPerMinute: 0 }, /^requestsPerMinute: /],
  [{ fault: "explode" }, /^fault: /],
  [{ credit: 5 }, /credit/],
  ["fast", /object/],
])("the section %j is refused with the field's name", (section, reason) => {
  expect(checkSimulatorSettings(section)).toMatch(reason);
});

test("a section that is right has nothing wrong with it", () => {
  expect(checkSimulatorSettings({ creditUsd: 0, fault: "cut", failEvery: 3 })).toBeNull();
});

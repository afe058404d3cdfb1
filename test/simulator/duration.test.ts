import { expect, test } from "vitest";
import { formatDuration } from "../../src/simulator/duration.ts";

test.each([
  [0, "0s"],
  [-5, "0s"],
  [6, "6ms"],
  [20, "20ms"],
  [643.2, "644ms"],
  [1000, "1s"],
  [8640, "8.64s"],
  [20_000, "20s"],
  [59_874, "59.874s"],
  [60_000, "1m0s"],
  [86_400, "1m26.4s"],
  [432_000, "7m12s"],
  [3_600_000, "1h0m0s"],
  [86_400_000, "24h0m0s"],
])("%d ms is written %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

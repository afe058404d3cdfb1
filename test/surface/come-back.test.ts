import { describe, expect, it } from "vitest";
import type { AttemptRecord } from "../../src/contract/decision.ts";
import { comeBackAt } from "../../src/surface/come-back.ts";

const attempt: AttemptRecord = {
  n: 1,
  candidate: "a/m",
  outcome: "auth",
  status: 401,
  code: null,
  type: null,
  message: null,
  retryAfterMs: null,
  startedMs: 0,
  firstTokenMs: null,
  durationMs: 100,
  circuitBefore: "closed",
  circuitAfter: "open",
};
const moment = { arrivedAt: 1_000, now: 2_000 };

describe("an app that was not served may come back", () => {
  it("when the first circuit reopens", () => {
    expect(comeBackAt({ reopenings: [90_000, 5_000], attempts: [attempt] }, moment)).toBe(5_000);
  });

  it("when a provider said so, though its circuit stayed closed", () => {
    const said: AttemptRecord = {
      ...attempt,
      outcome: "overloaded",
      circuitAfter: "closed",
      retryAfterMs: 3_000,
    };
    const attempts = [attempt, said];
    expect(comeBackAt({ reopenings: [90_000], attempts }, moment)).toBe(4_100);
  });

  it("at nobody knows when, where a fault may be over at once: another's shut circuit says nothing of it", () => {
    const fault: AttemptRecord = { ...attempt, outcome: "server_error", circuitAfter: "closed" };
    expect(comeBackAt({ reopenings: [90_000], attempts: [attempt, fault] }, moment)).toBeNull();
  });

  it("but not in the past", () => {
    expect(comeBackAt({ reopenings: [1_500], attempts: [attempt] }, moment)).toBeNull();
  });
});

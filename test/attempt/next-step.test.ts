import { describe, expect, it } from "vitest";
import { nextStep, type NextStep, type Situation } from "../../src/attempt/next-step.ts";
import { defaultRetries } from "../../src/config/defaults.ts";
import type { FailureClass } from "../../src/contract/failure.ts";
import type { OnLimit } from "../../src/contract/route.ts";

type Over = Partial<Omit<Situation, "failure" | "policy">> & {
  failed?: FailureClass;
  stated?: number | null;
  failsOver?: boolean;
  onLimit?: OnLimit;
  maxRetryWaitMs?: number;
  maxRetries?: number;
};

function step(over: Over, dice = 0.5): NextStep {
  const { failed = "rate_limited", stated = null, failsOver = true, ...rest } = over;
  const { onLimit = "retry-short", maxRetryWaitMs = 2_500, maxRetries = 2, ...spent } = rest;
  const situation: Situation = {
    failure: { class: failed, failsOver, retryAfterMs: stated },
    retriesHere: 0,
    retries: 0,
    callsLeft: 3,
    timeLeftMs: 60_000,
    inBudget: true,
    policy: { ...defaultRetries, onLimit, maxRetryWaitMs, maxRetries },
    ...spent,
  };
  return nextStep(situation, () => dice);
}

const next: NextStep = { do: "next" };
const blink: NextStep = { do: "retry", afterMs: 200, holding: false };
const held = (afterMs: number): NextStep => ({ do: "retry", afterMs, holding: true });

const classes = {
  rate_limited: "limit",
  overloaded: "limit",
  server_error: "blink",
  quota_exhausted: "never",
  timeout: "never",
  auth: "never",
  model_not_found: "never",
  context_length: "never",
  request_too_large: "never",
  content_filter: "never",
  unsupported: "never",
  bad_request: "never",
  cancelled: "never",
  unknown: "never",
} as const satisfies Record<FailureClass, "limit" | "blink" | "never">;

const allClasses = Object.keys(classes).filter(
  (name): name is keyof typeof classes => name in classes,
);
const onLimits = ["failover", "retry-short", "wait"] as const;
const statedWaits = [null, 0, 50, 2_000, 2_500, 2_501, 86_400_000] as const;

/** The rules, told a second time and in another way than the code tells them. */
function expected(failed: keyof typeof classes, onLimit: OnLimit, stated: number | null): NextStep {
  const sort = classes[failed];
  if (sort === "blink" && (stated === null || stated <= 200)) return blink;
  if (sort !== "limit" || onLimit === "failover" || stated === null || stated > 2_500) return next;
  return held(stated === 0 ? 200 : stated);
}

const rows = allClasses.flatMap((failed) =>
  onLimits.flatMap((onLimit) => statedWaits.map((stated) => ({ failed, onLimit, stated }))),
);

describe("behind a failed attempt", () => {
  it.each(rows)("$failed, onLimit $onLimit, stated wait $stated", ({ failed, onLimit, stated }) => {
    expect(step({ failed, onLimit, stated })).toEqual(expected(failed, onLimit, stated));
  });

  it.each(allClasses)("%s that does not fail over ends the request", (failed) => {
    expect(step({ failed, failsOver: false, stated: 100 })).toEqual({ do: "stop" });
  });

  it.each([
    ["this candidate was retried", { retriesHere: 1, retries: 1 }],
    ["two others were retried", { retries: 2 }],
    ["the config wants no retries", { maxRetries: 0 }],
    ["no call is left", { callsLeft: 0 }],
    ["the isolate's budget is spent", { inBudget: false }],
    ["the deadline would pass meanwhile", { timeLeftMs: 100 }],
    ["the deadline would be reached exactly", { timeLeftMs: 1_000 }],
  ])("nothing is retried when %s", (_name, over: Over) => {
    expect(step({ stated: 1_000, ...over })).toEqual(next);
    expect(step({ failed: "overloaded", stated: 1_000, ...over })).toEqual(next);
    const isTime = over.timeLeftMs === 1_000;
    expect(step({ failed: "server_error", ...over })).toEqual(isTime ? blink : next);
  });

  it("a server error is asked about again at a time spread over 100 to 300 ms", () => {
    expect(step({ failed: "server_error" }, 0)).toMatchObject({ afterMs: 100 });
    expect(step({ failed: "server_error" }, 0.999_999)).toMatchObject({ afterMs: 300 });
  });

  it("the longest wait is the config's", () => {
    expect(step({ stated: 3_000, maxRetryWaitMs: 5_000 })).toEqual(held(3_000));
    expect(step({ stated: 1, maxRetryWaitMs: 0 })).toEqual(next);
  });
});

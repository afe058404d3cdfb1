import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { chat, decisionOf } from "./router.ts";
import { fromFirst, servedBy, twoProviders } from "./two-providers.ts";

const two = twoProviders("retry");
const { first, second } = two;

beforeEach(() => two.begin());

const answer = fromFirst;
const serverError: Behaviour = { do: "error", status: 500, body: "oops" };

function overloaded(seconds: number): Behaviour {
  const error = { message: "The engine is overloaded", type: "server_error", code: "overloaded" };
  return {
    do: "error",
    status: 503,
    headers: { "retry-after": String(seconds) },
    body: { error },
  };
}

describe.each([
  ["a rate limit with a wait of 1 s", rateLimited(1), 1_000],
  ["an overload with a wait of 1 s", overloaded(1), 1_000],
  ["a 500", serverError, 100],
  ["a reset before any byte", { do: "reset" }, 100],
] satisfies [string, Behaviour, number][])("%s", (_name, fault, leastMs) => {
  it("is worth asking the same candidate once more: it serves, and that is no failover", async () => {
    await first.script(answer, [fault]);
    const from = Date.now();
    const response = await chat({ model: "chat" });
    expect(await servedBy(response)).toBe(two.a);
    expect(Date.now() - from).toBeGreaterThanOrEqual(leastMs);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("2");
    expect(response.headers.get("x-lifeboat-failover")).toBeNull();
    expect(await second.calls()).toHaveLength(0);
    const decision = await decisionOf(response);
    expect(decision).toMatchObject({
      outcome: "served",
      candidate: two.a,
      failover: null,
      attempts: [
        { n: 1, candidate: two.a },
        { n: 2, candidate: two.a, outcome: "ok" },
      ],
    });
  });

  it("twice goes to the next candidate", async () => {
    await first.script(fault);
    const response = await chat({ model: "chat", stream: true });
    expect(await servedBy(response)).toBe(two.b);
    expect(await first.calls()).toHaveLength(2);
  });
});

const hurriedQuota: Behaviour = {
  do: "error",
  status: 429,
  headers: { "retry-after": "1" },
  body: { error: { message: "You exceeded your current quota", type: "insufficient_quota" } },
};

describe("what is never asked again", () => {
  it.each([
    ["a long wait", rateLimited(3)],
    ["an exhausted quota with a short wait", hurriedQuota],
    ["a wrong key", { do: "error", status: 401, body: { error: { message: "no such key" } } }],
  ] satisfies [string, Behaviour][])("%s", async (_name, fault) => {
    await first.script(fault);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(two.b);
    expect(await first.calls()).toHaveLength(1);
  });

  it("anything, where the route says failover", async () => {
    await two.configure({ onLimit: "failover" });
    await first.script(answer, [rateLimited(1)]);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(two.b);
  });

  it("anything, where the config wants no retries", async () => {
    await two.configure({ retries: { maxRetries: 0 } });
    await first.script(answer, [serverError]);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(two.b);
  });
});

it("how often the caller's own client has tried is on the decision", async () => {
  const headers = { "x-stainless-retry-count": "2" };
  const response = await chat({ model: "chat" }, { headers });
  await response.text();
  expect(await decisionOf(response)).toMatchObject({ callerRetry: 2 });
  const bare = await chat({ model: "chat" }, { headers: { "x-stainless-retry-count": "many" } });
  await bare.text();
  expect(await decisionOf(bare)).toMatchObject({ callerRetry: null });
});

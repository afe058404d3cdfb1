import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { chat, decisionOf, putConfig, upstream } from "./router.ts";

const first = upstream("retry-first");
const second = upstream("retry-second");

let fresh = 0;
let a = "";
let b = "";

/** A route of two providers that no circuit knows yet. */
async function configure(options: object = {}, models: object = {}): Promise<void> {
  fresh += 1;
  a = `retry-a${fresh}/m`;
  b = `retry-b${fresh}/m`;
  const kind = "openai-compatible";
  await putConfig({
    providers: {
      [`retry-a${fresh}`]: { kind, baseUrl: first.baseUrl, apiKey: "env.UPSTREAM_KEY", models },
      [`retry-b${fresh}`]: { kind, baseUrl: second.baseUrl },
      keyless: { kind, baseUrl: second.baseUrl, apiKey: "env.NO_SUCH_KEY" },
    },
    routes: {
      chat: { candidates: [a, b], ...options },
      alone: { candidates: [a], ...options },
    },
  });
}

beforeEach(async () => {
  await first.script({ do: "answer", text: "from the first" });
  await second.script({ do: "answer", text: "from the second" });
  await configure();
});

const answer: Behaviour = { do: "answer", text: "from the first" };
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

/** The answer's candidate; its body is read to the end. */
async function servedBy(response: Response): Promise<string | null> {
  await response.text();
  return response.headers.get("x-lifeboat-candidate");
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
    expect(await servedBy(response)).toBe(a);
    expect(Date.now() - from).toBeGreaterThanOrEqual(leastMs);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("2");
    expect(response.headers.get("x-lifeboat-failover")).toBeNull();
    expect(await second.calls()).toHaveLength(0);
    const decision = await decisionOf(response);
    expect(decision).toMatchObject({
      outcome: "served",
      candidate: a,
      failover: null,
      attempts: [
        { n: 1, candidate: a },
        { n: 2, candidate: a, outcome: "ok" },
      ],
    });
  });

  it("twice goes to the next candidate", async () => {
    await first.script(fault);
    const response = await chat({ model: "chat", stream: true });
    expect(await servedBy(response)).toBe(b);
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
    expect(await servedBy(await chat({ model: "chat" }))).toBe(b);
    expect(await first.calls()).toHaveLength(1);
  });

  it("anything, where the route says failover", async () => {
    await configure({ onLimit: "failover" });
    await first.script(answer, [rateLimited(1)]);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(b);
  });

  it("anything, where the config wants no retries", async () => {
    await configure({ retries: { maxRetries: 0 } });
    await first.script(answer, [serverError]);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(b);
  });
});

describe("a burst of 20 on a candidate that says to come back in a second", () => {
  async function burst(begin: (ask: () => Promise<void>) => Promise<void>[]) {
    const from = Date.now();
    const answers: { by: string | null; ms: number }[] = [];
    const ask = async (): Promise<void> => {
      const by = await servedBy(await chat({ model: "chat" }));
      answers.push({ by, ms: Date.now() - from });
    };
    await Promise.all(begin(ask));
    const ofTheFirst = answers.filter(({ by }) => by === a);
    const ofTheSecond = answers.filter(({ by }) => by === b);
    return { ofTheFirst, ofTheSecond, slowestMs: Math.max(...ofTheSecond.map(({ ms }) => ms)) };
  }

  it("that one request has found out: it waits and probes, the others are served at once", async () => {
    await first.script(answer, [rateLimited(1)]);
    const found = await burst((ask) => {
      const opener = ask();
      const known = until(async () => (await first.calls()).length > 0).then(() => pause(100));
      return [opener, ...Array.from({ length: 19 }, () => known.then(ask))];
    });
    expect(found.ofTheFirst).toMatchObject([{ ms: expect.any(Number) }]);
    expect(found.ofTheFirst[0]?.ms).toBeGreaterThanOrEqual(1_000);
    expect(found.ofTheSecond).toHaveLength(19);
    expect(found.slowestMs).toBeLessThan(1_000);
    expect(await first.calls()).toHaveLength(2);
  });

  it("that all of them find out together: one waits and probes, the others are served at once", async () => {
    await first.script(
      answer,
      Array.from({ length: 20 }, () => rateLimited(1)),
    );
    const found = await burst((ask) => Array.from({ length: 20 }, ask));
    expect(found.ofTheSecond.filter(({ ms }) => ms < 1_000).length).toBeGreaterThanOrEqual(19);
    // Some may have come after the first word of the limit, and made no call at all.
    const calls = (await first.calls()).length;
    expect(calls).toBeLessThanOrEqual(21);
    expect(found.ofTheFirst.length).toBe(calls === 21 ? 1 : 0);
  });
});

async function until(ask: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await ask()) return;
    await pause(10);
  }
  throw new Error("it did not come");
}

function pause(ms: number): Promise<void> {
  return scheduler.wait(ms);
}

it("how often the caller's own client has tried is on the decision", async () => {
  const headers = { "x-stainless-retry-count": "2" };
  const response = await chat({ model: "chat" }, { headers });
  await response.text();
  expect(await decisionOf(response)).toMatchObject({ callerRetry: 2 });
  const bare = await chat({ model: "chat" }, { headers: { "x-stainless-retry-count": "many" } });
  await bare.text();
  expect(await decisionOf(bare)).toMatchObject({ callerRetry: null });
});

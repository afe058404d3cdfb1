import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { admin, chat, decisionOf, putConfig, upstream } from "./router.ts";

const first = upstream("wait-first");
const second = upstream("wait-second");

let fresh = 0;
let a = "";
let b = "";

/** A route of two providers that no circuit knows yet. */
async function configure(options: object = {}, models: object = {}): Promise<void> {
  fresh += 1;
  a = `wait-a${fresh}/m`;
  b = `wait-b${fresh}/m`;
  const kind = "openai-compatible";
  await putConfig({
    providers: {
      [`wait-a${fresh}`]: { kind, baseUrl: first.baseUrl, apiKey: "env.UPSTREAM_KEY", models },
      [`wait-b${fresh}`]: { kind, baseUrl: second.baseUrl },
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

/** The answer's candidate; its body is read to the end. */
async function servedBy(response: Response): Promise<string | null> {
  await response.text();
  return response.headers.get("x-lifeboat-candidate");
}

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

describe("onLimit wait", () => {
  it("waits for the earliest of the throttled candidates rather than fail", async () => {
    await configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
    await first.script(answer, [rateLimited(30)]);
    await second.script({ do: "answer" }, [rateLimited(1)]);
    const from = Date.now();
    const response = await chat({ model: "chat" });
    expect(await servedBy(response)).toBe(b);
    expect(Date.now() - from).toBeGreaterThanOrEqual(1_000);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("3");
  });

  it("has a crowd wait for one probe, and serves them all", async () => {
    await configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
    await first.script(answer, [rateLimited(1)]);
    await (await chat({ model: "chat" })).text();
    const asked = Array.from({ length: 8 }, async () => servedBy(await chat({ model: "alone" })));
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 8 }, () => a));
    expect(await first.calls()).toHaveLength(9);
  });

  it("fails at once with a 429 and the time where the deadline comes first", async () => {
    await configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
    await first.script(rateLimited(20));
    const from = Date.now();
    const headers = { "x-lifeboat-timeout-ms": "2000" };
    const response = await chat({ model: "alone" }, { headers });
    await response.text();
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(15);
    expect(Date.now() - from).toBeLessThan(1_500);
  });

  it("ends when the caller leaves, and the next request probes in its place", async () => {
    await configure({ onLimit: "wait" });
    await first.script(answer, [rateLimited(1)]);
    const leaving = new AbortController();
    const asked = chat({ model: "alone" }, { signal: leaving.signal }).catch(() => null);
    await until(async () => (await first.calls()).length > 0);
    await pause(200);
    leaving.abort();
    await asked;
    await pause(1_000);
    expect(await servedBy(await chat({ model: "alone" }))).toBe(a);
    expect(await first.calls()).toHaveLength(2);
    const found = await (await admin(`/decisions?outcome=cancelled&route=alone`)).json();
    expect(found).toMatchObject({
      decisions: [{ attempts: [{ candidate: a, outcome: "rate_limited" }] }],
    });
  });
});

describe("x-lifeboat-timeout-ms", () => {
  it("is the deadline of the waiting too: what does not fit is not waited for", async () => {
    await first.script(answer, [rateLimited(2)]);
    const from = Date.now();
    const response = await chat(
      { model: "chat" },
      { headers: { "x-lifeboat-timeout-ms": "1500" } },
    );
    expect(await servedBy(response)).toBe(b);
    expect(Date.now() - from).toBeLessThan(1_500);
  });

  it("ends a request whose candidates all fall silent, retries included, with a 504", async () => {
    await first.script({ do: "silent" }, [{ do: "error", status: 500, body: "oops" }]);
    await second.script({ do: "silent" });
    const from = Date.now();
    const response = await chat({ model: "chat" }, { headers: { "x-lifeboat-timeout-ms": "900" } });
    expect(response.status).toBe(504);
    await response.text();
    expect(Date.now() - from).toBeLessThan(3_000);
    const decision = await decisionOf(response);
    expect(decision.attempts.map(({ outcome }) => outcome)).toEqual(["server_error", "timeout"]);
  });
});

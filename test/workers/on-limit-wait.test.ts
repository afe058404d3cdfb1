import { beforeEach, describe, expect, it } from "vitest";
import { rateLimited } from "../loopback/upstream.ts";
import { admin, chat, decisionOf } from "./router.ts";
import { fromFirst, servedBy, twoProviders } from "./two-providers.ts";

const two = twoProviders("wait");
const { first, second } = two;

beforeEach(() => two.begin());

const answer = fromFirst;

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
    await two.configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
    await first.script(answer, [rateLimited(30)]);
    await second.script({ do: "answer" }, [rateLimited(1)]);
    const from = Date.now();
    const response = await chat({ model: "chat" });
    expect(await servedBy(response)).toBe(two.b);
    expect(Date.now() - from).toBeGreaterThanOrEqual(1_000);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("3");
  });

  it("waits for nobody who could not take the request anyway", async () => {
    const policy = { onLimit: "wait", retries: { maxRetryWaitMs: 0 } };
    await two.configure(policy, { m: { images: false } });
    await first.script(answer, [rateLimited(1)]);
    const headers = { "x-lifeboat-timeout-ms": "500" };
    await (await chat({ model: "alone" }, { headers })).text();
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    const messages = [{ role: "user", content: [image] }];
    const response = await chat({ model: "alone", messages });
    expect(response.status).toBe(400);
    await response.text();
    expect(await first.calls()).toHaveLength(1);
  });

  it("has a crowd wait for one probe, and serves them all", async () => {
    await two.configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
    await first.script(answer, [rateLimited(1)]);
    await (await chat({ model: "chat" })).text();
    const asked = Array.from({ length: 8 }, async () => servedBy(await chat({ model: "alone" })));
    expect(await Promise.all(asked)).toEqual(Array.from({ length: 8 }, () => two.a));
    expect(await first.calls()).toHaveLength(9);
  });

  it("fails at once with a 429 and the time where the deadline comes first", async () => {
    await two.configure({ onLimit: "wait", retries: { maxRetryWaitMs: 0 } });
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
    await two.configure({ onLimit: "wait" });
    await first.script(answer, [rateLimited(1)]);
    const leaving = new AbortController();
    const asked = chat({ model: "alone" }, { signal: leaving.signal }).catch(() => null);
    await until(async () => (await first.calls()).length > 0);
    await pause(200);
    leaving.abort();
    await asked;
    await pause(1_000);
    expect(await servedBy(await chat({ model: "alone" }))).toBe(two.a);
    expect(await first.calls()).toHaveLength(2);
    const found = await (await admin(`/decisions?outcome=cancelled&route=alone`)).json();
    expect(found).toMatchObject({
      decisions: [{ attempts: [{ candidate: two.a, outcome: "rate_limited" }] }],
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
    expect(await servedBy(response)).toBe(two.b);
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

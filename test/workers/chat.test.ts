import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { openAiQuota, rateLimited } from "../loopback/upstream.ts";
import { admin, chat, decisionOf, putConfig, upstream } from "./router.ts";

const first = upstream("chat-first");
const second = upstream("chat-second");

let fresh = 0;

/** Providers that no circuit knows yet, so that no test feels what another one broke. */
beforeEach(async () => {
  fresh += 1;
  await first.script({ do: "answer", text: "from the first" });
  await second.script({ do: "answer", text: "from the second" });
  await putConfig({
    providers: {
      [`first${fresh}`]: {
        kind: "openai-compatible",
        baseUrl: first.baseUrl,
        apiKey: "env.UPSTREAM_KEY",
        headers: { "x-team": "search" },
      },
      [`second${fresh}`]: { kind: "openai-compatible", baseUrl: second.baseUrl },
    },
    routes: {
      chat: {
        candidates: [`first${fresh}/a`, `second${fresh}/b`],
        timeouts: { headersMs: 300, firstTokenMs: 300, idleMs: 300, totalMs: 5_000 },
      },
      alone: [`first${fresh}/a`],
    },
  });
});

describe("a healthy first candidate", () => {
  it("serves, and the answer is passed on as it came", async () => {
    const response = await chat({ model: "chat", vendor_option: { deep: [1] }, temperature: 0.5 });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-lifeboat-candidate")).toBe(`first${fresh}/a`);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("1");
    expect(response.headers.get("x-lifeboat-failover")).toBeNull();
    expect(await response.json()).toMatchObject({
      model: "a",
      choices: [{ message: { content: "from the first" }, finish_reason: "stop" }],
      usage: { total_tokens: 10 },
    });
    const [call] = await first.calls();
    expect(call?.body).toMatchObject({
      model: "a",
      vendor_option: { deep: [1] },
      temperature: 0.5,
    });
    expect(call?.headers).toMatchObject({
      authorization: "Bearer sk-upstream",
      "x-team": "search",
    });
    expect(await decisionOf(response)).toMatchObject({
      outcome: "served",
      status: 200,
      candidate: `first${fresh}/a`,
      failover: null,
      tokensIn: 7,
      tokensOut: 3,
    });
  });

  it("gets nothing of the app's own headers", async () => {
    const headers = {
      cookie: "session=1",
      "x-forwarded-for": "1.2.3.4",
      "openai-organization": "o",
    };
    await (await chat({ model: "chat" }, { headers })).text();
    const [call] = await first.calls();
    expect(Object.keys(call?.headers ?? {})).not.toEqual(
      expect.arrayContaining(["cookie", "x-forwarded-for", "openai-organization"]),
    );
    expect(JSON.stringify(call?.headers)).not.toContain("test-key");
  });

  it("streams, with the usage hidden from an app that did not ask for it", async () => {
    const response = await chat({ model: "chat", stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    expect(text.match(/"content":"(from |the |first)"/g)).toHaveLength(3);
    expect(text).not.toContain("prompt_tokens");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const [call] = await first.calls();
    expect(call?.body).toMatchObject({ stream_options: { include_usage: true } });
    expect(await decisionOf(response)).toMatchObject({ stream: true, tokensIn: 7, tokensOut: 3 });
  });

  it("streams its usage to an app that asked for it", async () => {
    const options = { stream: true, stream_options: { include_usage: true } };
    expect(await (await chat({ model: "chat", ...options })).text()).toContain("prompt_tokens");
  });
});

const faults: [string, Behaviour, string][] = [
  ["an exhausted quota", openAiQuota, "quota_exhausted"],
  ["a rate limit", rateLimited(60), "rate_limited"],
  ["a 500", { do: "error", status: 500, body: "oops" }, "server_error"],
  ["a reset connection", { do: "reset" }, "server_error"],
  ["an upstream that never answers", { do: "silent" }, "timeout"],
  ["an HTML page with status 200", { do: "html" }, ""],
  [
    "an error in a 200",
    { do: "error-in-200", body: { error: { message: "overloaded", code: 503 } } },
    "",
  ],
];

/** The same candidate is asked once more; `retries.test.ts` tells when. */
const retried = new Set(["server_error"]);

describe.each([
  ["without streaming", false],
  ["with streaming", true],
])("%s", (_mode, stream) => {
  it.each(faults)(
    "%s goes to the next candidate, and the app does not notice",
    async (_name, fault, failedAs) => {
      await first.script(fault);
      const response = await chat({ model: "chat", stream });
      expect(response.status).toBe(200);
      const text = await response.text();
      expect(text).toContain("second");
      expect(text).not.toContain('"error"');
      expect(response.headers.get("x-lifeboat-candidate")).toBe(`second${fresh}/b`);
      const decision = await decisionOf(response);
      const tried = decision.attempts.map(({ candidate }) => candidate);
      const asked = retried.has(failedAs) ? 2 : 1;
      expect(tried.slice(0, asked)).toEqual(Array.from({ length: asked }, () => `first${fresh}/a`));
      expect(tried.slice(asked)).toEqual([`second${fresh}/b`]);
      if (failedAs !== "") expect(response.headers.get("x-lifeboat-failover")).toBe(failedAs);
      expect(decision.failover).toBe(response.headers.get("x-lifeboat-failover"));
    },
  );
});

const streamFaults: [string, Behaviour][] = [
  ["headers and then silence", { do: "headers-then-silence" }],
  ["a cut after the role", { do: "cut", after: 1 }],
  ["a close after the role", { do: "close", after: 1 }],
  ["an error event as the first", { do: "error-event", after: 0 }],
  ["an error event after the role", { do: "error-event", after: 1 }],
];

describe("before the first output of a stream", () => {
  it.each(streamFaults)("%s goes to the next candidate unseen", async (_name, fault) => {
    await first.script(fault);
    const response = await chat({ model: "chat", stream: true });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toContain('"content":"second"');
    expect(text).not.toContain('"error"');
    expect(text.match(/"role":"assistant"/g)).toHaveLength(1);
  });
});

describe("after the first output of a stream", () => {
  it.each([
    ["a cut", { do: "cut", after: 2 }],
    ["a close without a finish reason", { do: "close", after: 2 }],
    ["an error event", { do: "error-event", after: 2 }],
    ["a stall", { do: "stall", after: 2, ms: 2_000 }],
  ] satisfies [string, Behaviour][])(
    "%s is shown as an error, never as a clean end",
    async (_name, fault) => {
      await first.script(fault);
      const response = await chat({ model: "chat", stream: true });
      const text = await response.text();
      expect(text).toContain('"content":"Hello ');
      expect(text).toContain('data: {"error":{');
      expect(text).not.toContain("[DONE]");
      expect(await decisionOf(response)).toMatchObject({ outcome: "truncated" });
    },
  );

  it("one malformed event among good ones is left out, and the stream goes on", async () => {
    await first.script({ do: "garbage-event", after: 2 });
    const text = await (await chat({ model: "chat", stream: true })).text();
    expect(text).toContain("upstream");
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("a missing [DONE] is put right", async () => {
    await first.script({ do: "no-done" });
    const text = await (await chat({ model: "chat", stream: true })).text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("bytes that drip one by one come through whole, multi-byte characters included", async () => {
    await first.script({ do: "drip" });
    const text = await (await chat({ model: "chat", stream: true })).text();
    expect(text).toContain('"content":"Hello "');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });
});

describe("a request that is the caller's own fault", () => {
  it("gets the provider's status and body, and nobody else is asked", async () => {
    const error = {
      message: "temperature must be at most 2",
      type: "invalid_request_error",
      param: "temperature",
      code: null,
    };
    await first.script({ do: "error", status: 400, body: { error } });
    const response = await chat({ model: "chat", temperature: 9 });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error });
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await second.calls()).toHaveLength(0);
  });

  it("is named when its model leads nowhere", async () => {
    const response = await chat({ model: "no-such-model" });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: "model_not_found", param: "model" },
    });
  });
});

describe("an exhausted quota", () => {
  it("takes every model of the account out, and no call is made until its circuit reopens", async () => {
    await first.script(openAiQuota);
    await (await chat({ model: "chat" })).text();
    const models = [`first${fresh}/another-model`, `second${fresh}/b`];
    const response = await chat({ model: "chat", models });
    expect(response.headers.get("x-lifeboat-attempts")).toBe("1");
    expect(response.headers.get("x-lifeboat-failover")).toBe("circuit_open");
    expect(await first.calls()).toHaveLength(1);
    const decision = await decisionOf(response);
    expect(decision.skipped).toMatchObject([{ reason: "circuit_open", detail: "quota_exhausted" }]);
  });

  it("with nothing behind it is a 429 that says when to come back and not to retry", async () => {
    await first.script(openAiQuota);
    await (await chat({ model: "alone" })).text();
    const response = await chat({ model: "alone" });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(600);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.json()).toMatchObject({
      error: {
        code: "insufficient_quota",
        lifeboat: {
          skipped: [{ candidate: `first${fresh}/a`, reason: "circuit_open" }],
          attempts: [],
        },
      },
    });
    const listed = await (await admin("/circuits")).json();
    expect(listed).toMatchObject({
      circuits: expect.arrayContaining([
        expect.objectContaining({
          scope: `first${fresh}`,
          state: "open",
          reason: "quota_exhausted",
        }),
      ]),
    });
  });
});

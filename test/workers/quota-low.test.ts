import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { openAiQuota } from "../loopback/upstream.ts";
import { admin, chat, decisionOf } from "./router.ts";
import { servedBy, twoProviders } from "./two-providers.ts";

const two = twoProviders("low");
const { first, second } = two;

beforeEach(() => two.begin());

describe("a provider that says how little is left", () => {
  const little: Behaviour = {
    do: "answer",
    headers: {
      "x-ratelimit-limit-tokens": "10000",
      "x-ratelimit-remaining-tokens": "50",
      "x-ratelimit-reset-tokens": "30s",
    },
  };
  const long = { messages: [{ role: "user", content: "word ".repeat(300) }] };

  it("is passed over for a request that needs more, and asked for one that does not", async () => {
    await first.script(little);
    await (await chat({ model: "chat" })).text();
    const response = await chat({ model: "chat", ...long });
    expect(await servedBy(response)).toBe(two.b);
    expect(response.headers.get("x-lifeboat-failover")).toBe("quota_low");
    expect(await first.calls()).toHaveLength(1);
    const { skipped } = await decisionOf(response);
    expect(skipped).toMatchObject([{ candidate: two.a, reason: "quota_low" }]);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(two.a);
  });

  it("is tried all the same where nobody else is, or the others have failed", async () => {
    await first.script(little);
    await (await chat({ model: "chat" })).text();
    expect(await servedBy(await chat({ model: "alone", ...long }))).toBe(two.a);
    await second.script({ do: "error", status: 401, body: "no" });
    expect(await servedBy(await chat({ model: "chat", ...long }))).toBe(two.a);
  });

  it("is shown at GET /admin/providers, with its circuit and no secret", async () => {
    await first.script(little);
    await (await chat({ model: "chat" })).text();
    await second.script(openAiQuota);
    await (await chat({ model: two.b })).text();
    const text = await (await admin("/providers")).text();
    const { providers } = JSON.parse(text);
    expect(text).not.toContain("sk-upstream");
    expect(providers).toMatchObject([
      {
        name: two.a.split("/")[0],
        configured: true,
        circuit: "closed",
        candidates: [
          {
            candidate: two.a,
            circuit: "closed",
            reading: {
              ageMs: expect.any(Number),
              dimensions: [{ unit: "tokens", remaining: 50, limit: 10_000 }],
            },
          },
        ],
      },
      {
        name: two.b.split("/")[0],
        circuit: "open",
        reason: "quota_exhausted",
        candidates: [{ candidate: two.b, reading: null }],
      },
      { name: "keyless", configured: false, missing: "NO_SUCH_KEY", candidates: [] },
    ]);
  });
});

describe("a request that a model cannot take", () => {
  it("keeps the provider's words when no other model is known to be larger", async () => {
    const models = { small: { name: "s", contextWindow: 8_192 }, same: { contextWindow: 4_096 } };
    await two.configure({}, models);
    const error = {
      message: "This model's maximum context length is 8192 tokens.",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    };
    await first.script({ do: "error", status: 400, body: { error } });
    const provider = two.a.split("/")[0];
    const response = await chat({
      model: "chat",
      models: [`${provider}/small`, `${provider}/same`],
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "context_length_exceeded" } });
    expect(response.headers.get("x-should-retry")).toBe("false");
    const calls = await first.calls();
    expect(calls.map(({ body }) => body["model"])).toEqual(["s"]);
    const { skipped } = await decisionOf(response);
    expect(skipped).toMatchObject([{ reason: "context_too_small" }]);
  });
});

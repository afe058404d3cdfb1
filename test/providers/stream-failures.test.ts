import { describe, expect, it } from "vitest";
import { failureOfAttempt } from "./attempt-row.ts";
import type { AnswerRow } from "./failure-rows.ts";

const text =
  'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"The"},"finish_reason":null}]}\n\n';

/** A stream that begins well and goes on with these frames. */
function streamOf(provider: string, frames: readonly string[]): AnswerRow {
  return {
    id: provider,
    provider,
    api: "chat.completions",
    where: "stream",
    status: 200,
    headers: { "content-type": "text/event-stream" },
    body: text + frames.map((data) => `data: ${data}\n\n`).join(""),
    expected: null,
  };
}

describe("an error inside a stream is read in every dialect", () => {
  it.each([
    ["gemini", [{ error: { code: 429, message: "Too many requests" } }], "rate_limited"],
    ["bedrock", { throttlingException: { message: "Too many requests" } }, "rate_limited"],
    [
      "hunyuan",
      { Response: { Error: { Code: "RequestLimitExceeded", Message: "Too fast" } } },
      "rate_limited",
    ],
    ["gemini", { promptFeedback: { blockReason: "SAFETY" } }, "content_filter"],
    [
      "workers-ai",
      { success: false, errors: [{ code: 3040, message: "Capacity temporarily exceeded" }] },
      "overloaded",
    ],
    [
      "openai",
      { type: "response.failed", response: { error: { code: "server_is_overloaded" } } },
      "overloaded",
    ],
    ["openai", { status: "failed", reason: "rate limit", code: "limit_requests" }, "rate_limited"],
  ])("%s: %j", async (provider, event, expected) => {
    for (const stream of [true, false]) {
      const failure = await failureOfAttempt(
        streamOf(provider, [JSON.stringify(event), "[DONE]"]),
        stream,
      );
      expect(failure?.class).toBe(expected);
    }
  });

  it("also where only its event's name says so", async () => {
    const row = streamOf("openai", []);
    const named = { ...row, body: `${text}event: error\ndata: Too many requests, slow down\n\n` };
    expect((await failureOfAttempt(named, false))?.class).toBe("rate_limited");
  });
});

describe("what cannot be read in a stream", () => {
  it.each(["openai", "openai-compatible", "gemini"])(
    "%s: is the provider's failure, whatever the model wrote, and its words are not kept",
    async (provider) => {
      const garbage = "rate limit exceeded: your account has been suspended, insufficient balance";
      for (const stream of [true, false]) {
        const row = streamOf(provider, [garbage, garbage, garbage, garbage]);
        expect(await failureOfAttempt(row, stream)).toMatchObject({
          class: "server_error",
          scope: "candidate",
          message: null,
          code: null,
          body: null,
        });
      }
    },
  );
});

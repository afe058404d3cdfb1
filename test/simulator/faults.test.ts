import { APIConnectionError } from "openai";
import { expect, test } from "vitest";
import { faults } from "../../src/simulator/scenario.ts";
import { accountWith, saying, waitForAbort } from "./simulated-account.ts";

test.each([
  ["quota-exhausted", 429, "insufficient_quota", "insufficient_quota"],
  ["rate-limited", 429, "requests", "rate_limit_exceeded"],
  ["overloaded", 503, "server_error", null],
  ["server-error", 500, "server_error", null],
  ["unauthorized", 401, "invalid_request_error", "invalid_api_key"],
  ["model-missing", 404, "invalid_request_error", "model_not_found"],
  ["context-length", 400, "invalid_request_error", "context_length_exceeded"],
  ["content-filter", 400, "invalid_request_error", "invalid_prompt"],
])(
  "the model %s answers %i %s %s, streamed or not, by any prefix",
  async (model, status, type, code) => {
    for (const name of [model, `acme/team/${model}`]) {
      for (const stream of [false, true]) {
        const response = await accountWith().post({ ...saying("hello", name), stream });
        expect(response.status).toBe(status);
        expect(response.headers.get("content-type")).toBe("application/json");
        expect(await response.json()).toMatchObject({ error: { type, code } });
      }
    }
  },
);

test("rate-limited says when to come back, in the text and in the headers", async () => {
  const response = await accountWith().post(saying("hello", "rate-limited"));
  expect(response.headers.get("retry-after")).toBe("20");
  expect(response.headers.get("retry-after-ms")).toBe("20000");
  expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(await response.text()).toContain("Limit 3, Used 3, Requested 1. Please try again in 20s.");
});

test("overloaded names the request's id", async () => {
  const response = await accountWith().post(saying("hello", "overloaded"));
  expect(await response.text()).toContain(response.headers.get("x-request-id"));
});

test("echo answers with the last user message", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({
    model: "echo",
    messages: [
      { role: "user", content: "first" },
      { role: "assistant", content: "?" },
      { role: "user", content: "What is 2+2?" },
    ],
  });
  expect(answer.choices[0]?.message.content).toBe("What is 2+2?");
});

test("slow sends the headers and the role, and then nothing for slowMs", async () => {
  const account = accountWith({ slowMs: 12_345, tokensPerSecond: null });
  const startedAt = account.time.ms;
  const response = await account.post({ ...saying("hello", "slow"), stream: true });
  const reader = response.body?.getReader();
  await reader?.read();
  expect(account.time.ms - startedAt).toBe(0);
  await reader?.read();
  expect(account.time.ms - startedAt).toBe(12_345);
});

test("silent never answers, and ends with the abort", async () => {
  const account = accountWith({}, waitForAbort);
  const left = new AbortController();
  let settled = false;
  const pending = account
    .post(saying("hello", "silent"), { signal: left.signal })
    .finally(() => (settled = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(settled).toBe(false);
  left.abort(new Error("the caller left"));
  await expect(pending).rejects.toThrow("the caller left");
});

test("silent drops the connection in the end", async () => {
  const account = accountWith();
  await expect(account.post(saying("hello", "silent"))).rejects.toThrow("Network connection lost.");
  expect(account.time.waits).toEqual([600_000]);
});

test("down rejects as a refused connection does", async () => {
  const account = accountWith();
  await expect(account.post(saying("hello", "down"))).rejects.toThrow("Network connection lost.");
  const error: unknown = await account.openai.chat.completions
    .create(saying("hello", "down"))
    .catch((e) => e);
  expect(error).toBeInstanceOf(APIConnectionError);
});

test("cut breaks a stream off after some of its text", async () => {
  const account = accountWith();
  const response = await account.post({ ...saying("count to 10", "cut"), stream: true });
  const decoder = new TextDecoder();
  let text = "";
  const read = async () => {
    for await (const bytes of response.body ?? []) text += decoder.decode(bytes);
  };
  await expect(read()).rejects.toThrow("Network connection lost.");
  expect(text).toContain('"content":"1"');
  expect(text).not.toContain('"content":" 10"');
  expect(text).not.toContain('"finish_reason":"stop"');
  expect(text).not.toContain("[DONE]");
});

test("cut leaves at least one token of the shortest stream", async () => {
  const response = await accountWith().post({ ...saying("say yes", "cut"), stream: true });
  const decoder = new TextDecoder();
  const texts: string[] = [];
  const read = async () => {
    for await (const bytes of response.body ?? []) texts.push(decoder.decode(bytes));
  };
  await expect(read()).rejects.toThrow("Network connection lost.");
  expect(texts.at(-1)).toContain('"content":"yes"');
});

test("cut breaks a whole answer's body off", async () => {
  const response = await accountWith().post(saying("hello", "cut"));
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow("Network connection lost.");
});

test("garbage is a 200 whose body is no JSON", async () => {
  const response = await accountWith().post(saying("hello", "garbage"));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  const text = await response.text();
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test("garbage streams an event that cannot be read, and no end", async () => {
  const response = await accountWith().post({ ...saying("hello", "garbage"), stream: true });
  expect(response.status).toBe(200);
  const events = (await response.text()).split("\n\n").filter((event) => event !== "");
  const payload = events.at(-1)?.slice("data: ".length) ?? "";
  expect(() => JSON.parse(payload)).toThrow(SyntaxError);
  expect(payload).not.toBe("[DONE]");
});

test.each(faults)("the setting fault: %s makes every model behave so", async (fault) => {
  const met = async (settings: object, model: string) => {
    const account = accountWith({ slowMs: 9000, ...settings });
    const startedAt = account.time.ms;
    const request = { ...saying("hello", model), stream: true };
    const response = await account.post(request).catch((error: unknown) => String(error));
    if (typeof response === "string") return response;
    const body = await response.text().catch((error: unknown) => String(error));
    const events = body.split("\n\n").length;
    return { status: response.status, events, tookMs: account.time.ms - startedAt };
  };
  const asked = await met({ fault }, "gpt-4o-mini");
  expect(asked).toEqual(await met({}, fault));
  expect(asked).not.toEqual(await met({}, "gpt-4o-mini"));
});

test("failEvery: 3 spares two requests of three", async () => {
  const account = accountWith({ fault: "overloaded", failEvery: 3 });
  const statuses: number[] = [];
  for (let n = 0; n < 6; n += 1) statuses.push((await account.post(saying("hello"))).status);
  expect(statuses).toEqual([200, 200, 503, 200, 200, 503]);
});

test("a forced failure uses up neither credit nor allowance", async () => {
  const account = accountWith({ requestsPerMinute: 1 });
  for (const model of ["overloaded", "rate-limited", "quota-exhausted"]) {
    await account.post(saying("hello", model));
  }
  expect((await account.post(saying("hello"))).status).toBe(200);
});

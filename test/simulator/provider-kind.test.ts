import { expect, test } from "vitest";
import type { FailureClass } from "../../src/contract/failure.ts";
import type { ProviderAnswer } from "../../src/contract/provider.ts";
import { simulator as kind } from "../../providers/simulator.ts";
import { accountWith, saying } from "./simulated-account.ts";

function connect(name: string) {
  return kind.connect({ name, baseUrl: kind.baseUrl ?? "", apiKey: null, headers: {} });
}

async function call(model: string, settings: object = {}): Promise<ProviderAnswer> {
  const { simulator, time } = accountWith({ firstTokenMs: 0, tokensPerSecond: null, ...settings });
  return connect("school").call({
    promptTokens: () => 1,
    model,
    request: saying("What is 2+2?", "chat"),
    stream: false,
    signal: new AbortController().signal,
    fetch: simulator.fetch,
    clock: time.clock,
  });
}

test("the kind needs no key and no base URL, and is no machine of the operator's", () => {
  expect(kind).toMatchObject({
    kind: "simulator",
    baseUrl: "http://simulator.invalid/",
    apiKeyEnv: null,
    local: false,
  });
});

test("a call goes over the wire to the account of the provider's name", async () => {
  const answer = await call("gpt-4o");
  if (!answer.ok || answer.output.form !== "json") throw new Error("no JSON answer");
  expect(JSON.parse(await answer.output.read())).toMatchObject({
    model: "gpt-4o",
    choices: [{ message: { content: "2 + 2 = 4" } }],
  });
});

test("a base URL from the config changes nothing: no simulated call leaves the process", async () => {
  const { simulator, time } = accountWith();
  const urls: string[] = [];
  const provider = kind.connect({
    name: "school",
    baseUrl: "https://api.openai.com/v1",
    apiKey: null,
    headers: {},
  });
  await provider.call({
    promptTokens: () => 1,
    model: "gpt-4o",
    request: saying("hello"),
    stream: true,
    signal: new AbortController().signal,
    fetch: (url, init) => {
      urls.push(url);
      return simulator.fetch(url, init);
    },
    clock: time.clock,
  });
  expect(urls).toEqual(["http://simulator.invalid/school/v1/chat/completions"]);
});

test("it is always ready, and asks nobody", async () => {
  const fetch = () => Promise.reject(new Error("asked"));
  const probe = { fetch, signal: new AbortController().signal, models: [] };
  expect(await connect("school").check(probe)).toEqual({ ready: true, models: null });
});

test.each<[string, FailureClass, number | null]>([
  ["quota-exhausted", "quota_exhausted", null],
  ["rate-limited", "rate_limited", 20_000],
  ["overloaded", "overloaded", null],
  ["server-error", "server_error", null],
  ["unauthorized", "auth", null],
  ["model-missing", "model_not_found", null],
  ["context-length", "context_length", null],
  ["content-filter", "content_filter", null],
  ["down", "server_error", null],
])("the failure of %s is read as %s", async (model, failureClass, retryAfterMs) => {
  const answer = await call(model);
  expect(answer.ok ? "served" : answer.failure).toMatchObject({
    class: failureClass,
    retryAfterMs,
  });
});

test("an account that spends its credit is read as out of quota", async () => {
  const answer = await call("gpt-4o", { creditUsd: 0 });
  expect(answer.ok ? "served" : answer.failure).toMatchObject({
    class: "quota_exhausted",
    scope: "provider",
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../src/contract/provider.ts";
import {
  type OllamaReceived,
  type OllamaServer,
  startOllamaServer,
} from "../loopback/ollama-server.ts";
import { ask, collect, connect, eventsOf, failureOf } from "./ollama-asking.ts";

let server: OllamaServer;
let provider: Provider;
const prints = (["log", "info", "warn", "error", "debug"] as const).map((name) =>
  vi.spyOn(console, name),
);

beforeAll(async () => {
  server = await startOllamaServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.behave({});
  provider = connect({ baseUrl: server.url });
});
afterEach(() => {
  for (const print of prints) {
    expect(print).not.toHaveBeenCalled();
    print.mockClear();
  }
});

function lastRequest(): OllamaReceived {
  const last = server.requests.at(-1);
  if (last === undefined) throw new Error("no request came");
  return last;
}

describe("a failure before the answer", () => {
  test.each([
    ["an unknown model", {}, "nope", { class: "model_not_found", status: 404 }],
    ["a name that no model has", {}, "a b", { class: "model_not_found", status: 400 }],
    [
      "a full queue for a model that has to be loaded",
      { places: 0 },
      "tinyllama",
      { class: "overloaded", status: 503 },
    ],
    [
      "a runner that died before its first word",
      { errorAfter: 0 },
      "llama3.2",
      { class: "server_error", status: 500 },
    ],
    [
      "too little memory",
      {
        status: 500,
        body: '{"error":"model requires more system memory (9.2 GiB) than is available (3.1 GiB)"}',
      },
      "llama3.2",
      { class: "overloaded", status: 500 },
    ],
    [
      "an error that is no JSON",
      { status: 500, body: "kaputt" },
      "llama3.2",
      { class: "server_error" },
    ],
    [
      "a redirect to a login page",
      {
        status: 302,
        headers: { location: "https://team.cloudflareaccess.com/cdn-cgi/access/login" },
      },
      "llama3.2",
      { class: "auth", status: 302 },
    ],
    ["a page", { html: true }, "llama3.2", { class: "auth", status: 200 }],
    ["a refused connection", { refuse: true }, "llama3.2", { class: "server_error", status: null }],
  ])("%s", async (_name, behaviour, model, failure) => {
    server.behave(behaviour);
    expect(failureOf(await ask(provider, "hi", { model }))).toMatchObject(failure);
  });

  test("an endless error body is read only so far", async () => {
    server.behave({ status: 500, body: "x".repeat(1_000_000) });
    const { body } = failureOf(await ask(provider, "hi"));
    expect((body ?? "").length).toBeLessThanOrEqual(64 * 1024);
  });

  test("tools, images and a prompt that this model cannot take", async () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(failureOf(await ask(provider, "hi", { model: "tinyllama", tools }))).toMatchObject({
      class: "unsupported",
      failsOver: true,
      verdict: "neutral",
    });
    const nullable = { type: ["object", "null"] };
    const odd = [{ type: "function", function: { name: "f", parameters: nullable } }];
    expect(failureOf(await ask(provider, "hi", { tools: odd }))).toMatchObject({
      class: "unsupported",
      failsOver: true,
      verdict: "neutral",
    });
    const words = "a ".repeat(140_000);
    expect(failureOf(await ask(provider, words))).toMatchObject({
      class: "context_length",
      failsOver: true,
    });
  });

  test("tools of another sort are refused without a call, unless the route lets them be left out", async () => {
    const before = server.requests.length;
    const tools = [{ type: "custom", custom: { name: "grammar" } }];
    const failure = failureOf(await ask(provider, "hi", { tools }));
    expect(failure).toMatchObject({ class: "unsupported", failsOver: true, verdict: "neutral" });
    expect(server.requests).toHaveLength(before);
    expect(await ask(provider, "hi", { tools, allowDegrade: true })).toMatchObject({
      ok: true,
      adapted: ["num_ctx=8192", "tools of other types dropped"],
    });
  });

  test("an image address is refused without a call", async () => {
    const before = server.requests.length;
    const image_url = { url: "https://example.com/secret.png" };
    const messages = [{ role: "user", content: [{ type: "image_url", image_url }] }];
    const failure = failureOf(await ask(provider, "", { messages }));
    expect(failure).toMatchObject({ class: "unsupported", failsOver: true, verdict: "neutral" });
    expect(failure.message).toContain("data URLs");
    expect(failure.message).not.toContain("secret");
    expect(server.requests).toHaveLength(before);
  });

  test("an aborted call is cancelled", async () => {
    server.behave({ silent: true });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 20);
    const failure = failureOf(await ask(provider, "hi", { signal: abort.signal }));
    expect(failure).toMatchObject({ class: "cancelled", verdict: "neutral", failsOver: false });
    const received = lastRequest();
    await vi.waitFor(() => expect(received.leftAt).not.toBeNull(), { timeout: 200 });
  });
});

describe("what Ollama says", () => {
  test.each([
    [500, "model requires more system memory (9.2 GiB) than is available", "overloaded"],
    [500, "llama runner process has terminated: cudaMalloc failed: out of memory", "overloaded"],
    [500, "model failed to load, this may be due to resource limitations", "overloaded"],
    [500, "unexpected server status: llm server loading model", "overloaded"],
    [500, "llama runner process has terminated: exit status 2", "server_error"],
    [500, "timed out waiting for llama runner to start - progress 0.00 - ", "timeout"],
    [400, "registry.ollama.ai/library/tinyllama:latest does not support tools", "unsupported"],
    [500, "this model is missing data required for image input", "unsupported"],
    [500, "failed to parse grammar", "unsupported"],
    [500, 'invalid format: "5"; expected "json" or a valid JSON Schema object', "unsupported"],
    [400, "illegal base64 data at input byte 4", "bad_request"],
    [500, "failed to decode image: image: unknown format", "bad_request"],
    [400, "invalid model name", "model_not_found"],
    [404, "model 'x' not found", "model_not_found"],
    [410, "x was retired", "model_not_found"],
    [500, "the input length exceeds the context length", "context_length"],
    [400, "request (9 tokens) exceeds the available context size (4 tokens)", "context_length"],
    [429, "you (me) have reached your weekly usage limit", "quota_exhausted"],
    [403, "this model requires a subscription, upgrade for access", "auth"],
    [403, "ollama cloud is disabled: remote model is unavailable", "auth"],
    [400, 'think value "low" is not supported for this model', "unsupported"],
    [500, "invalid JSON schema in format", "unsupported"],
    [
      400,
      "json: cannot unmarshal bool into Go struct field X.y of type api.ToolProperty",
      "unsupported",
    ],
    [400, 'time: invalid duration "abc"', "bad_request"],
    [400, "model is required", "model_not_found"],
  ])("%i %j is %s", (status, error, as) => {
    const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
    const body = JSON.stringify({ error });
    const failure = provider.classify({ site: "http", status, headers, body, now: 0 });
    expect(failure).toMatchObject({ class: as, status, message: error.trim() });
  });

  test.each([
    [401, "unauthorized"],
    [402, "this model uses extra usage only and your extra usage balance is empty"],
    [403, "this model requires a subscription"],
    [403, "ollama cloud is disabled: remote model is unavailable"],
    [429, "you've reached your weekly usage limit"],
  ])("%i %j of a cloud model leaves the models on the machine in service", (status, error) => {
    const body = JSON.stringify({ error });
    const headers = new Headers();
    const { scope } = provider.classify({ site: "http", status, headers, body, now: 0 });
    expect(scope).toBe("candidate");
  });
});

describe("a failure within the answer", () => {
  test("an error line ends it with what Ollama said", async () => {
    server.behave({
      errorAfter: 2,
      error: "an error was encountered while running the model: unexpected EOF",
    });
    const { text, finish, failure } = await collect(await ask(provider, "one two three"));
    expect(text).toBe("one two ");
    expect(finish).toBeUndefined();
    expect(failure).toMatchObject({ class: "server_error", failsOver: true, verdict: "failure" });
    expect(failure?.message).toContain("unexpected EOF");
  });

  test("one line that is no JSON is left out and told, and printed nowhere", async () => {
    server.behave({ garbageAfter: 1 });
    const { text, finish, failure, malformed } = await collect(
      await ask(provider, "one two three"),
    );
    expect(text).toBe("one two three");
    expect(finish).toBe("stop");
    expect(failure).toBeNull();
    expect(malformed).toBe(1);
  });

  test("a first line that is no JSON ends it", async () => {
    server.behave({ garbageAfter: 0 });
    const { text, failure } = await collect(await ask(provider, "one two three"));
    expect(text).toBe("");
    expect(failure).toMatchObject({ verdict: "failure", failsOver: true });
  });

  test("a cut connection is a failure", async () => {
    server.behave({ cutAfter: 2 });
    const { finish, failure } = await collect(await ask(provider, "one two three"));
    expect(finish).toBeUndefined();
    expect(failure).toMatchObject({ class: "server_error", status: null });
  });

  test("an end without done has no finish reason", async () => {
    server.behave({ endAfter: 2 });
    const { text, finish, failure, usage } = await collect(await ask(provider, "one two three"));
    expect([text, finish, failure, usage]).toEqual(["one two ", undefined, null, null]);
  });

  test("a model that was only loaded gave no answer", async () => {
    const { chunks, failure } = await collect(await ask(provider, "", { messages: [] }));
    expect(chunks).toEqual([]);
    expect(failure).toMatchObject({ class: "overloaded" });
  });
});

describe("giving up in the middle of an answer", () => {
  const long = "word ".repeat(1000);

  async function firstChunk(signal?: AbortSignal) {
    server.behave({ stallMs: 10 });
    const answer = await ask(provider, long, signal === undefined ? {} : { signal });
    const events = eventsOf(answer)[Symbol.asyncIterator]();
    expect(await events.next()).toMatchObject({ value: { type: "chunk" } });
    return { events, received: lastRequest() };
  }

  async function upstreamStopped(received: { leftAt: number | null }, since: number) {
    await vi.waitFor(() => expect(received.leftAt).not.toBeNull(), { timeout: 1000, interval: 5 });
    expect((received.leftAt ?? Infinity) - since).toBeLessThan(200);
  }

  test("by the signal: the upstream stops and the reader is told", async () => {
    const abort = new AbortController();
    const { events, received } = await firstChunk(abort.signal);
    const since = Date.now();
    abort.abort(new Error("the caller left"));
    await expect(
      (async () => {
        for (let more = true; more;) more = (await events.next()).done !== true;
      })(),
    ).rejects.toThrow("the caller left");
    await upstreamStopped(received, since);
  });

  test("by return(), even while a read is under way", async () => {
    const { events, received } = await firstChunk();
    server.behave({ silent: true });
    const reading = events.next();
    const since = Date.now();
    await events.return?.();
    await reading;
    await upstreamStopped(received, since);
    expect(await events.next()).toMatchObject({ done: true });
  });

  test("one call's end leaves the others alone", async () => {
    server.behave({ stallMs: 5 });
    const abort = new AbortController();
    const text = "one two three four five";
    const [, other] = await Promise.all([
      ask(provider, text, { signal: abort.signal }),
      ask(provider, text),
    ]);
    abort.abort();
    expect((await collect(other)).text).toBe(text);
  });
});

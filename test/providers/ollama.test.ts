import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider, ProviderSettings } from "../../src/contract/provider.ts";
import {
  type OllamaReceived,
  type OllamaServer,
  startOllamaServer,
} from "../loopback/ollama-server.ts";
import { ask, collect, connect, failureOf } from "./ollama-asking.ts";

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

describe("an answer", () => {
  test("is streamed from Ollama and comes as OpenAI's chunks", async () => {
    const answer = await ask(provider, "Grüße an das Boot 🛟");
    expect(answer).toMatchObject({
      ok: true,
      status: 200,
      adapted: ["num_ctx=8192"],
      limits: null,
    });
    const { chunks, text, finish, usage, failure } = await collect(answer);
    expect(failure).toBeNull();
    expect(text).toBe("Grüße an das Boot 🛟");
    expect(finish).toBe("stop");
    expect(usage).toEqual({ prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 });
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${created} ${model}`)).size).toBe(
      1,
    );
    expect(chunks[0]).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{32}$/),
      created: 1_700_000_000,
      model: "llama3.2",
    });
    expect(lastRequest().body).toMatchObject({ stream: true, options: { num_ctx: 8192 } });
  });

  test("survives being cut into pieces of any size", async () => {
    server.behave({ pieceBytes: 7 });
    const { text, finish } = await collect(await ask(provider, "Über 🛟🛟 Wasser"));
    expect(text).toBe("Über 🛟🛟 Wasser");
    expect(finish).toBe("stop");
  });

  test("with a tool call", async () => {
    const tools = [{ type: "function", function: { name: "weather" } }];
    const { chunks, finish } = await collect(await ask(provider, "call weather please", { tools }));
    expect(chunks[0]?.choices[0]?.delta.tool_calls).toEqual([
      {
        index: 0,
        id: "call_0x7kq2ab",
        type: "function",
        function: { name: "weather", arguments: '{"text":"call weather please","count":2}' },
      },
    ]);
    expect(finish).toBe("tool_calls");
  });

  test("with thinking", async () => {
    const answer = await ask(provider, "hi", { model: "gpt-oss", reasoning_effort: "high" });
    const { thinking, text } = await collect(answer);
    expect([thinking, text]).toEqual(["Let me echo.", "hi"]);
    expect(lastRequest().body).toMatchObject({ think: "high" });
  });

  test("with the probability of each token", async () => {
    const asked = { logprobs: true, top_logprobs: 1 };
    const { chunks } = await collect(await ask(provider, "one two", asked));
    const token = { token: "one ", logprob: -0.01, bytes: [111, 110, 101, 32] };
    expect(chunks[0]?.choices[0]?.["logprobs"]).toEqual({
      content: [{ ...token, top_logprobs: [token] }],
      refusal: null,
    });
    const [plain] = (await collect(await ask(provider, "one two"))).chunks;
    expect(plain?.choices[0]).not.toHaveProperty("logprobs");
  });

  test("about an image", async () => {
    const image_url = { url: "data:image/png;base64,iVBORw0KGgo=" };
    const content = [
      { type: "text", text: "what?" },
      { type: "image_url", image_url },
    ];
    const messages = [{ role: "user", content }];
    const { text } = await collect(await ask(provider, "", { model: "llava", messages }));
    expect(text).toBe("what?");
    expect(lastRequest().body).toMatchObject({
      messages: [{ content: "what?", images: ["iVBORw0KGgo="] }],
    });
  });

  test("cut at the app's maximum ends with length", async () => {
    const { text, finish } = await collect(await ask(provider, "one two three", { max_tokens: 2 }));
    expect([text, finish]).toEqual(["one two ", "length"]);
  });
});

describe("a model that refuses to think", () => {
  test("is asked again without, and from then on not asked to", async () => {
    const before = server.requests.length;
    const first = await ask(provider, "hi", { reasoning_effort: "low" });
    expect(first).toMatchObject({ adapted: ["num_ctx=8192", "reasoning_effort dropped"] });
    expect((await collect(first)).text).toBe("hi");
    expect(server.requests.length - before).toBe(2);
    const second = await ask(provider, "again", { reasoning_effort: "low" });
    expect((await collect(second)).text).toBe("again");
    expect(server.requests.length - before).toBe(3);
  });

  test("is asked to again after an hour, for it may have been pulled anew", async () => {
    const started = 1_700_000_000_000;
    await collect(await ask(provider, "hi", { reasoning_effort: "low", now: started }));
    const before = server.requests.length;
    const now = started + 60 * 60_000;
    await collect(await ask(provider, "hi", { reasoning_effort: "low", now }));
    expect(server.requests.length - before).toBe(2);
  });
});

describe("a model that thinks, but not at levels", () => {
  test("is asked again just to think, and from then on so", async () => {
    const before = server.requests.length;
    const first = await ask(provider, "hi", { model: "qwen3:8b", reasoning_effort: "low" });
    expect(first).toMatchObject({ adapted: ["num_ctx=8192", "reasoning_effort→think"] });
    expect((await collect(first)).thinking).toBe("Let me echo.");
    expect(server.requests.length - before).toBe(2);
    await collect(await ask(provider, "hi", { model: "qwen3:8b", reasoning_effort: "high" }));
    expect(server.requests.length - before).toBe(3);
    expect(lastRequest().body).toMatchObject({ think: true });
  });

  test("is not asked again where the route does not want that", async () => {
    const refused = new Set(["reasoningEffort"] as const);
    const asked = { model: "qwen3:8b", reasoning_effort: "low", refused };
    expect(failureOf(await ask(provider, "hi", asked))).toMatchObject({ class: "unsupported" });
  });
});

describe("images for a model that takes none", () => {
  const image_url = { url: "data:image/png;base64,iVBORw0KGgo=" };
  const messages = [{ role: "user", content: [{ type: "image_url", image_url }] }];

  test("are refused, since Ollama would answer as if there were none; the model is asked about once", async () => {
    const before = server.requests.length;
    const unsupported = { class: "unsupported", failsOver: true, verdict: "neutral" };
    expect(failureOf(await ask(provider, "", { messages }))).toMatchObject(unsupported);
    expect(failureOf(await ask(provider, "", { messages }))).toMatchObject(unsupported);
    expect(server.requests.slice(before).map(({ path }) => path)).toEqual(["/api/show"]);
  });
});

describe("what every call carries", () => {
  test("the configured headers and the key; nothing of the package's", async () => {
    const headers = { "CF-Access-Client-Id": "id.access", "CF-Access-Client-Secret": "shh" };
    await collect(await ask(connect({ baseUrl: server.url, apiKey: "ok-1", headers }), "hi"));
    const sent = lastRequest().headers;
    expect(sent).toMatchObject({
      authorization: "Bearer ok-1",
      "cf-access-client-id": "id.access",
      "cf-access-client-secret": "shh",
      "user-agent": "lifeboat",
    });
  });

  test("a configured header takes the place of ours", async () => {
    const headers = { Authorization: "Basic abc" };
    await collect(await ask(connect({ baseUrl: server.url, apiKey: "ok-1", headers }), "hi"));
    expect(lastRequest().headers.authorization).toBe("Basic abc");
  });

  test("no key, no authorization, whatever the environment holds", async () => {
    vi.stubEnv("OLLAMA_API_KEY", "sk-environment");
    const seen: unknown[] = [];
    await connect({ baseUrl: "https://ollama.com" }).call({
      promptTokens: () => 1,
      model: "m",
      request: { model: "m", messages: [] },
      stream: true,
      signal: new AbortController().signal,
      fetch: (_url, init) => {
        seen.push(init.headers);
        return Promise.resolve(new Response("{}", { status: 500 }));
      },
      clock: Date,
    });
    vi.unstubAllEnvs();
    expect(seen).toHaveLength(1);
    expect(JSON.stringify(seen)).not.toMatch(/authorization|sk-environment/i);
  });

  test.each([
    ["me:p%C3%A4ss", "me:päss"],
    ["me:50%", "me:50%"],
  ])("credentials in the base URL, %s, go as a header", async (written, meant) => {
    const baseUrl = server.url.replace("http://", `http://${written}@`);
    await collect(await ask(connect({ baseUrl }), "hi"));
    const expected = Buffer.from(meant).toString("base64");
    expect(lastRequest().headers.authorization).toBe(`Basic ${expected}`);
  });
});

describe("a check", () => {
  const check = (settings: Partial<ProviderSettings> = {}, signal = AbortSignal.timeout(2000)) =>
    connect({ baseUrl: server.url, ...settings }).check({ fetch, signal, models: [] });

  test("lists the models by each of their names", async () => {
    expect(await check()).toEqual({
      ready: true,
      models: [
        "llama3.2:latest",
        "llama3.2",
        "qwen3:8b",
        "gpt-oss:latest",
        "gpt-oss",
        "llava:latest",
        "llava",
        "tinyllama:latest",
        "tinyllama",
      ],
      states: [],
    });
  });

  test("nothing there", async () => {
    const gone = await startOllamaServer();
    await gone.close();
    expect(await check({ baseUrl: gone.url })).toEqual({
      ready: false,
      reason: `nothing answers at ${gone.url}`,
    });
    const baseUrl = gone.url.replace("http://", "http://me:secret@");
    expect(await check({ baseUrl, apiKey: "sk-1" })).toEqual({
      ready: false,
      reason: `nothing answers at ${gone.url}`,
    });
  });

  test.each([
    ["a login page", { html: true }, "access was refused at"],
    [
      "a redirect",
      { status: 302, headers: { location: "https://example.com/login" } },
      "access was",
    ],
    ["a wrong key", { status: 401, body: '{"error":"unauthorized"}' }, "access was refused at"],
    ["another server", { status: 200, body: "hello" }, "what answers at"],
    ["a broken one", { status: 500, body: "{}" }, "answers with HTTP 500"],
    [
      "an HTML error",
      { status: 530, body: "<html>", headers: { "content-type": "text/html" } },
      "HTTP 530",
    ],
  ])("%s", async (_name, behaviour, reason) => {
    server.behave(behaviour);
    // Whoever answers may serve all the same: only silence keeps requests away.
    const told = { ready: false, answers: true, reason: expect.stringContaining(reason) };
    expect(await check()).toMatchObject(told);
  });

  test("a silent one is given up when the probe is", async () => {
    server.behave({ silent: true });
    const reason = `no answer in time from ${server.url}`;
    expect(await check({}, AbortSignal.timeout(50))).toEqual({ ready: false, reason });
  });
});

test("importing the package leaves the global fetch alone", async () => {
  const before = globalThis.fetch;
  vi.resetModules();
  await import("ollama/browser");
  expect(globalThis.fetch).toBe(before);
});

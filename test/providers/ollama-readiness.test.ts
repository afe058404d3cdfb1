import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";
import { ask, collect, connect, failureOf } from "./ollama-asking.ts";

let server: OllamaServer;

beforeAll(async () => {
  server = await startOllamaServer({
    models: [
      { name: "llama3.2:latest", can: ["tools"] },
      { name: "llava:latest", can: ["vision"], window: 4_096 },
      { name: "roomy:latest", can: [], numCtx: 16_384 },
    ],
  });
});
afterAll(() => server.close());
beforeEach(() => server.behave({}));

function probe(models: readonly string[]) {
  return { fetch, signal: AbortSignal.timeout(2_000), models };
}

describe("the state of the models that the config names", () => {
  test("is warm, cold or missing, with what the model can do", async () => {
    const readiness = await connect({ baseUrl: server.url }).check(
      probe(["llama3.2", "llava", "mistral"]),
    );
    expect(readiness).toMatchObject({
      ready: true,
      states: [
        {
          model: "llama3.2",
          state: "warm",
          facts: { tools: true, images: false, contextWindow: 131_072 },
        },
        {
          model: "llava",
          state: "cold",
          facts: { tools: false, images: true, contextWindow: 4_096 },
        },
        {
          model: "mistral",
          state: "missing",
          advice: expect.stringMatching(/: ollama pull mistral$/),
        },
      ],
    });
  });

  test("holds no more than the machine, asked or not", async () => {
    const provider = connect({ baseUrl: server.url, options: { maxContext: 16_384 } });
    expect(provider.describe("llama3.2").contextWindow).toBe(16_384);
    const readiness = await provider.check(probe(["llama3.2", "llava"]));
    const states = readiness.ready ? (readiness.states ?? []) : [];
    expect(states.map(({ facts }) => facts.contextWindow)).toEqual([16_384, 4_096]);
    expect(connect({ baseUrl: server.url }).describe("llama3.2")).not.toHaveProperty(
      "contextWindow",
    );
  });

  test("is asked without loading a model, and a model's abilities once", async () => {
    const provider = connect({ baseUrl: server.url });
    const since = server.requests.length;
    await provider.check(probe(["llava"]));
    await provider.check(probe(["llava"]));
    const paths = server.requests.slice(since).map(({ path }) => path);
    expect(paths.filter((path) => path === "/api/show")).toHaveLength(1);
    expect(paths).not.toContain("/api/generate");
    expect(paths).not.toContain("/api/chat");
  });

  test.each(["LLaVA", "library/llava:latest", "registry.ollama.ai/library/llava"])(
    "is that of the model that the server knows by the name %s",
    async (model) => {
      const readiness = await connect({ baseUrl: server.url }).check(probe([model]));
      expect(readiness).toMatchObject({ states: [{ model, state: "cold" }] });
    },
  );

  test("of a cloud model nobody needs to load is warm", async () => {
    const readiness = await connect({ baseUrl: server.url }).check(probe(["gpt-oss:120b-cloud"]));
    expect(readiness).toMatchObject({ states: [{ state: "warm", advice: null }] });
  });
});

describe("a model that is loaded ahead", () => {
  const patience = () => ({ fetch, signal: AbortSignal.timeout(2_000) });

  test("is loaded with the context that requests ask for, so that it is not loaded twice", async () => {
    const provider = connect({ baseUrl: server.url, options: { keepAlive: "1h" } });
    await collect(await ask(provider, "word ".repeat(9_000)));
    const { loads } = server;
    await provider.warm?.("llama3.2", patience());
    expect(server.requests.at(-1)).toMatchObject({
      path: "/api/generate",
      body: { model: "llama3.2", prompt: "", keep_alive: "1h", options: { num_ctx: 16_384 } },
    });
    expect(server.loads).toBe(loads);
  });

  test.each([
    ["llama3.2", 8_192],
    ["llava", 4_096],
    ["roomy", 16_384],
  ])("%s is not loaded anew by the short prompt that comes next", async (model, num_ctx) => {
    server.unload();
    const provider = connect({ baseUrl: server.url });
    await provider.warm?.(model, patience());
    const { loads } = server;
    await collect(await ask(provider, "hi", { model, max_tokens: 5 }));
    expect(server.requests.at(-1)?.body).toMatchObject({ options: { num_ctx } });
    expect(server.loads).toBe(loads);
  });

  test("does no harm where nothing answers", async () => {
    server.behave({ refuse: true });
    const provider = connect({ baseUrl: server.url });
    const warmed = provider.warm?.("llama3.2", { fetch, signal: AbortSignal.timeout(500) });
    expect(warmed).toBeDefined();
    await expect(warmed).resolves.toBeUndefined();
  });
});

describe("a model that somebody else has loaded", () => {
  test("with a larger context keeps it", async () => {
    server.unload();
    await collect(await ask(connect({ baseUrl: server.url }), "word ".repeat(9_000)));
    const provider = connect({ baseUrl: server.url });
    await provider.check(probe(["llama3.2"]));
    const { loads } = server;
    await collect(await ask(provider, "hi", { max_tokens: 5 }));
    expect(server.loads).toBe(loads);
  });

  test("with more than the operator allows does not", async () => {
    const provider = connect({ baseUrl: server.url, options: { maxContext: 4_096 } });
    await provider.check(probe(["llama3.2"]));
    await collect(await ask(provider, "hi", { max_tokens: 5 }));
    expect(server.requests.at(-1)?.body).toMatchObject({ options: { num_ctx: 4_096 } });
  });
});

describe("what a config says of an Ollama", () => {
  test("bounds the context by the machine and by the model", async () => {
    const provider = connect({ baseUrl: server.url, options: { maxContext: 8_192 } });
    const since = server.requests.length;
    failureOf(await ask(provider, "word ".repeat(20_000)));
    expect(server.requests[since]?.body).toMatchObject({ options: { num_ctx: 8_192 } });
  });

  test("keeps the model loaded, unless the request says how long", async () => {
    const provider = connect({ baseUrl: server.url, options: { keepAlive: -1 } });
    const since = server.requests.length;
    await collect(await ask(provider, "hi"));
    await collect(await ask(provider, "hi", { keep_alive: "5m" }));
    expect(server.requests.slice(since)).toMatchObject([
      { body: { keep_alive: -1 } },
      { body: { keep_alive: "5m" } },
    ]);
  });
});

describe("limits of cloud models", () => {
  test.each([
    "you've reached your hourly usage limit, please upgrade to continue",
    "you've reached your weekly usage limit, please upgrade to continue",
  ])("%s", async (error) => {
    server.behave({ status: 429, body: JSON.stringify({ error }) });
    expect(failureOf(await ask(connect({ baseUrl: server.url }), "hi"))).toMatchObject({
      class: "quota_exhausted",
      scope: "candidate",
    });
  });
});

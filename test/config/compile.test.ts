import { describe, expect, it } from "vitest";
import { compileConfig, type ActiveConfig, type Compiled } from "../../src/config/compile.ts";
import type { Bindings } from "../../src/config/secrets.ts";
import bundled from "../../lifeboat.config.ts";
import { providerKinds } from "../../providers/index.ts";

function compile(raw: unknown, bindings: Bindings = {}, local = false): Compiled {
  return compileConfig(raw, {
    kinds: providerKinds,
    bindings,
    local,
    checkSimulator: () => null,
  });
}

function active(raw: unknown, bindings: Bindings = {}, local = false): ActiveConfig {
  const compiled = compile(raw, bindings, local);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config;
}

const candidateIds = (config: ActiveConfig, model: string) =>
  config.routeFor(model)?.candidates.map(({ id }) => id);

const up = { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1" };

describe("a bad config", () => {
  it.each([
    ["an unknown key", { providers: { a: up }, routes: {}, rutes: {} }, "rutes", "unknown key"],
    ["not one provider", { providers: {}, routes: {} }, "providers", "there must be a provider"],
    [
      "a route by a pattern",
      { providers: { a: up }, routes: { "gpt-*": ["a/x"] } },
      "routes.gpt-*",
      "* for all else",
    ],
    [
      "a candidate by a pattern",
      { providers: { a: up }, routes: { m: ["a/gpt*"] } },
      "routes.m[0]",
      "provider/*",
    ],
    [
      "a body larger than any plan lets through",
      { providers: { a: up }, routes: {}, limits: { bodyBytes: 1e12 } },
      "limits.bodyBytes",
      "",
    ],
    ["no providers", { routes: {} }, "providers", ""],
    ["an unknown kind", { providers: { a: { kind: "nope" } }, routes: {} }, "providers.a.kind", ""],
    [
      "a kind without its address",
      { providers: { a: { kind: "openai-compatible" } }, routes: {} },
      "providers.a.baseUrl",
      "",
    ],
    [
      "a secret in plain text",
      { providers: { a: { ...up, apiKey: "sk-live-secret" } }, routes: {} },
      "providers.a.apiKey",
      "env.NAME",
    ],
    [
      "a route to a provider that is not there",
      { providers: { a: up }, routes: { chat: ["a/x", "b/y"] } },
      "routes.chat[1]",
      'no provider "b"',
    ],
    [
      "a candidate that is no provider/model",
      { providers: { a: up }, routes: { chat: ["gpt-4o"] } },
      "routes.chat[0]",
      "provider/model",
    ],
    [
      "an unknown key in a route",
      { providers: { a: up }, routes: { chat: { candidates: ["a/x"], timeuots: {} } } },
      "routes.chat.timeuots",
      "unknown key",
    ],
    [
      "a timeout below zero",
      { providers: { a: up }, routes: { chat: { candidates: ["a/x"], timeouts: { idleMs: -1 } } } },
      "routes.chat.timeouts.idleMs",
      "",
    ],
    [
      "more retries than a request may have",
      { providers: { a: up }, routes: { m: { candidates: ["a/x"], retries: { maxRetries: 3 } } } },
      "routes.m.retries.maxRetries",
      "",
    ],
    [
      "an onLimit that there is not",
      { providers: { a: up }, routes: { m: { candidates: ["a/x"], onLimit: "sleep" } } },
      "routes.m.onLimit",
      "",
    ],
    [
      "an unknown fact of a model",
      { providers: { a: { ...up, models: { m: { contextWindw: 1 } } } }, routes: {} },
      "providers.a.models.m.contextWindw",
      "unknown key",
    ],
    ["no object at all", "providers", "", ""],
  ])("with %s is refused, and the path and the reason are named", (_name, raw, path, reason) => {
    const compiled = compile(raw);
    if (compiled.ok) throw new Error("the config was taken");
    expect(compiled.issues.map((issue) => issue.path)).toContain(path);
    expect(compiled.issues.find((issue) => issue.path === path)?.reason).toContain(reason);
    expect(JSON.stringify(compiled.issues)).not.toContain("sk-live-secret");
  });
});

describe("routes", () => {
  const config = active({
    providers: { a: up, b: { ...up, models: { fast: "vendor/fast-2" } } },
    routes: { chat: ["a/x", { use: "b/fast" }], "*": ["a/*"] },
  });

  it("give their candidates in order, with the model's name at the provider", () => {
    expect(candidateIds(config, "chat")).toEqual(["a/x", "b/fast"]);
    expect(config.routeFor("chat")?.candidates[1]?.model).toBe("vendor/fast-2");
  });

  it("take a model that reads provider/model for a route of that one", () => {
    expect(candidateIds(config, "b/org/model")).toEqual(["b/org/model"]);
  });

  it("fall to * with the model that was asked for", () => {
    expect(candidateIds(config, "gpt-9")).toEqual(["a/gpt-9"]);
  });

  it("do not send to others what is meant for a model on one's own machine", () => {
    expect(config.routeFor("ollama/llama3.2")).toBeNull();
    expect(config.routeFor("simulator/echo")).toBeNull();
    expect(candidateIds(config, "openai/gpt-4o")).toEqual(["a/openai/gpt-4o"]);
  });

  it("lead nowhere without a *", () => {
    const strict = active({ providers: { a: up }, routes: { chat: ["a/x"] } });
    expect(strict.routeFor("gpt-9")).toBeNull();
  });
});

describe("clocks", () => {
  const config = active({
    providers: { a: up, b: up, local: { kind: "ollama" } },
    defaults: { timeouts: { idleMs: 7_000 } },
    routes: {
      plain: ["a/x", "local/x"],
      own: {
        candidates: ["a/x", { use: "b/x", timeouts: { firstTokenMs: 3_000 } }, "local/x"],
        timeouts: { headersMs: 1_000, firstTokenMs: 2_000 },
      },
    },
  });
  const clocks = (route: string) =>
    config.routeFor(route)?.candidates.map(({ timeouts }) => timeouts) ?? [];

  it("are longer for a model on the operator's own machine, which may have to be loaded", () => {
    expect(clocks("plain")).toMatchObject([
      { headersMs: 60_000, firstTokenMs: 60_000, wholeMs: 300_000, idleMs: 7_000 },
      { headersMs: 120_000, firstTokenMs: 120_000, wholeMs: 300_000, idleMs: 7_000 },
    ]);
  });

  it("are those of the candidate before those of the route before those of all", () => {
    expect(clocks("own")).toMatchObject([
      { headersMs: 1_000, wholeMs: 1_000, firstTokenMs: 2_000, idleMs: 7_000 },
      { headersMs: 1_000, firstTokenMs: 3_000 },
      { headersMs: 1_000, firstTokenMs: 2_000 },
    ]);
  });
});

describe("what a route does with streams", () => {
  const streaming = (options: object) =>
    active({ providers: { a: up }, routes: { r: { candidates: ["a/x"], ...options } } }).routeFor(
      "r",
    )?.streaming;

  it.each([
    [{}, { tokens: 0, ms: 0 }],
    [{ commit: "instant" }, { tokens: 0, ms: 0 }],
    [{ commit: { heldTokens: 40 } }, { tokens: 40, ms: Infinity }],
    [{ commit: { heldTokens: 40, heldMs: 300 } }, { tokens: 40, ms: 300 }],
    [{ commit: "buffered" }, { tokens: Infinity, ms: Infinity }],
  ])("%j holds %j", (options, hold) => {
    expect(streaming(options)?.hold).toEqual(hold);
  });

  it("is nothing but to pass them on, unless it says so", () => {
    expect(streaming({})).toMatchObject({
      onBreak: "error",
      keepAliveMs: null,
      hedgeAfterMs: null,
    });
    expect(streaming({ keepAlive: true })?.keepAliveMs).toBe(15_000);
  });

  it("has to be said whole", () => {
    const raw = { providers: { a: up }, routes: { r: { candidates: ["a/x"], commit: {} } } };
    expect(compile(raw).ok).toBe(false);
  });

  it.each([
    ["ollama", undefined, true],
    ["vllm", undefined, true],
    ["openai-compatible", up.baseUrl, false],
    ["deepseek", "https://api.deepseek.com/v1", false],
    ["deepseek", "https://api.deepseek.com/beta", true],
  ])("%s at %s goes on from a prefix: %s", (kind, baseUrl, assistantPrefix) => {
    const provider = { kind, ...(baseUrl !== undefined && { baseUrl }) };
    const config = active({ providers: { p: provider }, routes: { r: ["p/x"] } });
    expect(config.routeFor("r")?.candidates[0]).toMatchObject({ assistantPrefix });
  });
});

describe("what a route says of asking again", () => {
  const retriesOf = (config: ActiveConfig, model: string) => config.routeFor(model)?.retries;

  it("is its own, then the config's, then the default", () => {
    const own = { candidates: ["a/x"], retries: { maxRetries: 0 }, onLimit: "wait" };
    const config = active({
      providers: { a: up },
      routes: { own, plain: ["a/x"] },
      defaults: { retries: { maxRetries: 1, maxAttempts: 3 } },
    });
    const rest = { maxAttempts: 3, maxRetryWaitMs: 2_500 };
    expect(retriesOf(config, "own")).toEqual({ ...rest, maxRetries: 0, onLimit: "wait" });
    expect(retriesOf(config, "plain")).toEqual({ ...rest, maxRetries: 1, onLimit: "retry-short" });
    expect(retriesOf(config, "a/x")).toMatchObject({ maxRetries: 1 });
  });
});

describe("what a provider says of its models", () => {
  it("is a name, or what is known; what is left out is unknown", () => {
    const models = { fast: "vendor/fast", big: { name: "vendor/big", contextWindow: 8_192 } };
    const config = active({ providers: { a: { ...up, models } }, routes: {} });
    const candidate = (model: string) => config.routeFor(`a/${model}`)?.candidates[0];
    const unknown = { maxRequestTokens: null, tools: null, images: null, jsonSchema: null };
    expect(candidate("fast")).toMatchObject({
      model: "vendor/fast",
      facts: { ...unknown, contextWindow: null },
    });
    expect(candidate("big")).toMatchObject({
      model: "vendor/big",
      facts: { ...unknown, contextWindow: 8_192 },
    });
    expect(candidate("other")?.model).toBe("other");
  });
});

describe("keys", () => {
  it("are read from the bindings; a provider without its key is known, but cannot be called", () => {
    const raw = { providers: { a: { ...up, apiKey: "env.A_KEY" } }, routes: { m: ["a/x"] } };
    expect(active(raw).accounts.get("a")).toMatchObject({ provider: null, missing: "A_KEY" });
    expect(active(raw, { A_KEY: "  " }).accounts.get("a")).toMatchObject({ missing: "A_KEY" });
    expect(active(raw, { A_KEY: "sk-1" }).accounts.get("a")).toMatchObject({ missing: null });
  });

  it("of a kind are not sent to another address than the kind's own", () => {
    const raw = { providers: { openai: { kind: "openai", baseUrl: up.baseUrl } }, routes: {} };
    expect(active(raw).accounts.get("openai")?.missing).toBeNull();
    const own = { providers: { openai: { kind: "openai" } }, routes: {} };
    expect(active(own).accounts.get("openai")?.missing).toBe("OPENAI_API_KEY");
  });
});

describe("the bundled config", () => {
  it("on a machine with no key, stands simulated accounts around the real candidates", () => {
    const ids = candidateIds(active(bundled, {}, true), "gpt-4o-mini");
    expect(ids?.at(0)).toBe("simulated-openai/gpt-4o-mini");
    expect(ids?.at(-1)).toBe("simulator/gpt-4o-mini");
    expect(ids).toContain("ollama/llama3.2");
  });

  it.each([
    ["a key is set", { OPENAI_API_KEY: "sk-1" }, true],
    ["it is deployed", {}, false],
  ])("serves nothing simulated once %s", (_name, bindings, local) => {
    const config = active(bundled, bindings, local);
    expect(JSON.stringify(candidateIds(config, "gpt-4o-mini"))).not.toContain("simulat");
    expect(candidateIds(config, "simulator/echo")?.[0]).not.toBe("simulator/echo");
  });
});

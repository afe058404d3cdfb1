import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { rows } from "./listing-rows.ts";
import {
  account,
  knownOf,
  read,
  recorded,
  startListingServer,
  type ListingServer,
} from "./listings.ts";

let server: ListingServer;

beforeAll(async () => {
  server = await startListingServer();
});
afterAll(() => server.close());
beforeEach(() => server.asked.splice(0));

describe.each(rows)("the listing of $kind", ({ kind, base = "/v1", path, models }) => {
  test("is read in its own words and units", async () => {
    server.say({ body: recorded(kind) });
    const told = await read(account(kind, server.url + base), Object.keys(models));
    for (const [model, facts] of Object.entries(models)) {
      expect({ model, facts: knownOf(told, model) }).toEqual({ model, facts });
    }
    expect(server.asked.map((one) => one.path)).toEqual([path ?? `${base}/models`]);
  });

  test("speaks only of models that are named", async () => {
    server.say({ body: recorded(kind) });
    expect(await read(account(kind, server.url + base), ["no-such-model"])).toEqual(new Map());
  });
});

describe("a listing that is asked for", () => {
  test("gets the key, in the words of its own API", async () => {
    await read(account("groq", `${server.url}/v1`), []);
    await read(account("anthropic", `${server.url}/v1`), []);
    await read(account("gemini", `${server.url}/v1beta/openai`), []);
    expect(server.asked.map(({ headers }) => headers)).toMatchObject([
      { authorization: "Bearer sk-test" },
      { "x-api-key": "sk-test", "anthropic-version": "2023-06-01" },
      { "x-goog-api-key": "sk-test" },
    ]);
    // Two credentials at once are a 400 at Google, and a bearer that is a plain key a 401 at Anthropic.
    const bearers = server.asked.map(({ headers }) => headers.authorization);
    expect(bearers).toEqual(["Bearer sk-test", undefined, undefined]);
  });

  test("is not looked for where the address shows no way to it", () => {
    expect(account("gemini", "http://proxy/v1").listing).toBeUndefined();
    expect(account("github-models", "http://proxy/v1").listing).toBeUndefined();
  });

  test("is not there at kinds that tell nothing, and unbidden not at those that may be anybody", () => {
    expect(account("openai", server.url).listing).toBeUndefined();
    expect(account("openai-compatible", server.url).listing?.unasked).toBe(false);
    expect(account("openrouter", server.url).listing?.unasked).toBe(true);
  });

  test.each([
    ["an error", { status: 500, body: recorded("sambanova") }],
    ["a page", { type: "text/html", body: "<html>Sign in</html>" }],
    ["half of one", { body: recorded("sambanova").slice(0, 200) }],
    ["too much", { body: JSON.stringify({ data: [{ id: "x".repeat(5_000_000) }] }) }],
  ])("says nothing where it is %s", async (_what, saying) => {
    server.say(saying);
    expect(await read(account("sambanova", `${server.url}/v1`), ["x"])).toBeNull();
  });

  test("says nothing where nobody answers, or not in time", async () => {
    const { listing } = account("sambanova", "http://127.0.0.1:1/v1");
    const probe = { fetch, models: ["x"] };
    expect(await listing?.read({ ...probe, signal: AbortSignal.timeout(1_000) })).toBeNull();
    expect(await listing?.read({ ...probe, signal: AbortSignal.abort() })).toBeNull();
  });

  test("is told with the check of an account, and no reason why that should fail", async () => {
    const probe = { fetch, signal: AbortSignal.timeout(2_000), models: ["served"] };
    server.say({ body: recorded("vllm") });
    const readiness = await account("vllm", `${server.url}/v1`).check(probe);
    expect(readiness).toMatchObject({ ready: true, models: ["served"] });
    const told = readiness.ready ? (readiness.told ?? null) : null;
    expect(knownOf(told, "served")).toEqual({ contextWindow: 32_768 });
  });
});

describe("what cannot be meant", () => {
  const absurd = [0, -1, Number.NaN, "8192", 3.5, 1e12, null, {}, true];

  test.each(absurd)("is no window: %s", async (value) => {
    server.say({ body: JSON.stringify({ data: [{ id: "m", context_length: value }] }) });
    const told = await read(account("openai-compatible", `${server.url}/v1`), ["m"]);
    expect(knownOf(told, "m")).toEqual({});
  });

  test.each([["-1"], ["free"], [""], [-0.1], ["0.59"], ["1e-12"], [null], [{}], ["0"]])(
    "is no price: %s",
    async (value) => {
      const pricing = { prompt: value, completion: "0.000001" };
      server.say({ body: JSON.stringify({ data: [{ id: "m", pricing }] }) });
      const told = await read(account("sambanova", `${server.url}/v1`), ["m"]);
      expect(knownOf(told, "m")).toEqual({});
    },
  );

  test("is no ability, in whatever shape it comes", async () => {
    const entry = {
      id: "m",
      architecture: "transformer",
      capabilities: { vision: true },
      supports_tools: "yes",
      input_modalities: "text",
      supported_features: [1, null],
      pricing: true,
    };
    server.say({ body: JSON.stringify({ data: [entry, null, 7, [], "m"] }) });
    for (const kind of ["openai-compatible", "openrouter", "groq", "deepinfra", "litellm"]) {
      const told = await read(account(kind, `${server.url}/v1`), ["m"]);
      expect(knownOf(told, "m") ?? {}).toEqual({});
    }
  });

  test("is no price where an upstream may be anybody: nobody knows its unit", async () => {
    const pricing = { prompt: "0.000001", completion: "0.000002" };
    server.say({ body: JSON.stringify({ data: [{ id: "m", context_window: 4_096, pricing }] }) });
    const told = await read(account("openai-compatible", `${server.url}/v1`), ["m"]);
    expect(knownOf(told, "m")).toEqual({ contextWindow: 4_096 });
  });
});

import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";
import { startUpstreams } from "../loopback/openai-server.ts";
import { openAiQuota, Upstream } from "../loopback/upstream.ts";
import { appKey, eventually, startRouter, type RunningRouter } from "./start-router.ts";

/*
 * A fallback that can serve the request, from outside: the router as users run it, upstreams and an
 * Ollama on loopback that do what the real ones do.
 */

let router: RunningRouter;
let ollama: OllamaServer;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
let round = 0;
let first: Upstream;
let second: Upstream;

beforeAll(async () => {
  upstreams = await startUpstreams();
  ollama = await startOllamaServer();
  router = await startRouter();
});

afterAll(async () => {
  await router.stop();
  await ollama.close();
  await upstreams.close();
});

/** Providers that no circuit knows yet. */
beforeEach(async () => {
  round += 1;
  ollama.behave({});
  first = new Upstream(upstreams.url, `fits-first${round}`);
  second = new Upstream(upstreams.url, `fits-second${round}`);
  await first.script(openAiQuota);
  await second.script({ do: "answer", text: "from the second" });
});

interface Setting {
  readonly models?: object;
  readonly secondModels?: object;
  readonly options?: object;
  readonly route?: object;
}

/** A route over two providers and an Ollama, whose state the router knows when it returns. */
async function serveBy(candidates: readonly (string | object)[], setting: Setting = {}) {
  const kind = "openai-compatible";
  await router.putConfig({
    providers: {
      [`first${round}`]: { kind, baseUrl: first.baseUrl, models: setting.models ?? {} },
      [`second${round}`]: { kind, baseUrl: second.baseUrl, models: setting.secondModels ?? {} },
      [`ollama${round}`]: { kind: "ollama", baseUrl: ollama.url, options: setting.options ?? {} },
    },
    routes: {
      chat: {
        ...renamed({ candidates, ...setting.route }),
      },
    },
  });
}

/** The same with this round's names for the providers. */
function renamed(route: object): object {
  return JSON.parse(JSON.stringify(route).replaceAll(/"(first|second|ollama)\//g, `"$1${round}/`));
}

/** Has the router ask its local providers now. */
async function lookAround() {
  return (await fetch(`${router.url}/readyz`)).json<{
    ready: boolean;
    providers: {
      name: string;
      models: { model: string; state: string; advice: string | null }[];
    }[];
  }>();
}

function asking(content: unknown, more: object = {}) {
  return { model: "chat", messages: [{ role: "user", content }], ...more };
}

function servedBy(response: Response): string {
  return (response.headers.get("x-lifeboat-candidate") ?? "").replace(String(round), "");
}

async function decisionOf(response: Response) {
  return router.decision(response.headers.get("x-lifeboat-decision"));
}

function chats(since: number) {
  return ollama.requests.slice(since).filter(({ path }) => path === "/api/chat");
}

const image = {
  type: "image_url",
  image_url: { url: "data:image/png;base64,iVBORw0KGgo=" },
};
const weather = {
  type: "function" as const,
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } } },
  },
};
const schema = {
  type: "json_schema",
  json_schema: {
    name: "echo",
    schema: { type: "object", properties: { echo: { type: "string" } }, required: ["echo"] },
  },
};

describe("a long prompt", () => {
  it("falls over with a context that holds all of it", async () => {
    await serveBy(["first/m", "ollama/llama3.2"]);
    const since = ollama.requests.length;
    const response = await router.post(asking("word ".repeat(20_000), { max_tokens: 100 }));
    expect(servedBy(response)).toBe("ollama/llama3.2");
    expect(response.headers.get("x-lifeboat-adapted")).toContain("num_ctx=32768");
    const { usage } = await response.json<{ usage: { prompt_tokens: number } }>();
    expect(usage.prompt_tokens).toBe(20_000);
    expect(chats(since)[0]?.body).toMatchObject({ options: { num_ctx: 32_768 }, truncate: false });
  });

  it("passes over a model whose window is too small, and says so where none is left", async () => {
    const small = { m: { contextWindow: 8_000 } };
    await first.script({ do: "answer" });
    await serveBy(["first/m", "ollama/llama3.2"], { models: small });
    const response = await router.post(asking("word ".repeat(20_000)));
    expect(servedBy(response)).toBe("ollama/llama3.2");
    expect(response.headers.get("x-lifeboat-failover")).toBe("context_too_small");
    expect(await first.calls()).toHaveLength(0);

    await serveBy(["first/m"], { models: small });
    const refused = await router.post(asking("word ".repeat(20_000)));
    expect(refused.status).toBe(400);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    const { error } = await refused.json<{ error: { code: string; message: string } }>();
    expect(error.code).toBe("context_length_exceeded");
    expect(error.message).toMatch(
      /first\d+\/m is closest: it lacks a context of 2\d{4} tokens \(it has 8000\)/,
    );
  });

  it("asks for no more than the machine holds", async () => {
    await serveBy(["ollama/llama3.2"], { options: { maxContext: 16_384, keepAlive: "45m" } });
    const since = ollama.requests.length;
    await (await router.post(asking("word ".repeat(9_000)))).text();
    expect(chats(since)[0]?.body).toMatchObject({
      options: { num_ctx: 16_384 },
      keep_alive: "45m",
    });
  });
});

describe("tools", () => {
  it.each([false, true])("go there and back through Ollama (streamed: %s)", async (stream) => {
    await serveBy(["first/m", "ollama/llama3.2"]);
    const client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: appKey, maxRetries: 0 });
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: "user", content: "the weather in Rome" },
    ];
    const answer = stream
      ? await client.chat.completions
          .stream({ model: "chat", messages, tools: [weather] })
          .finalChatCompletion()
      : await client.chat.completions.create({ model: "chat", messages, tools: [weather] });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    const [call] = choice?.message.tool_calls ?? [];
    if (choice === undefined || call?.type !== "function") throw new Error("no tool was called");
    expect(JSON.parse(call.function.arguments)).toMatchObject({ text: "the weather in Rome" });

    const since = ollama.requests.length;
    const told: OpenAI.ChatCompletionMessageParam[] = [
      ...messages,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: call.id, content: "sunny" },
    ];
    const end = await client.chat.completions.create({ model: "chat", messages: told });
    expect(end.choices[0]?.message.content).toBe("sunny");
    expect(chats(since)[0]?.body).toMatchObject({
      messages: [
        { role: "user" },
        { role: "assistant", tool_calls: [{ function: { name: "weather" } }] },
        { role: "tool", tool_name: "weather", content: "sunny" },
      ],
    });
  });
});

describe("a request with a picture", () => {
  it("goes past every model that only reads, without a call", async () => {
    await first.script({ do: "answer" });
    await serveBy(["first/m", "ollama/tinyllama", "ollama/llava"], {
      models: { m: { images: false } },
    });
    await lookAround();
    const since = ollama.requests.length;
    const response = await router.post(asking([{ type: "text", text: "what is this" }, image]));
    expect(servedBy(response)).toBe("ollama/llava");
    expect(await first.calls()).toHaveLength(0);
    expect(chats(since)).toHaveLength(1);
    const { skipped } = await decisionOf(response);
    expect(skipped.map(({ reason }) => reason)).toEqual(["lacks_images", "lacks_images"]);
  });

  it("is refused where nobody can see, and answered without it only where the route says so", async () => {
    await serveBy(["ollama/tinyllama"]);
    await lookAround();
    const refused = await router.post(asking([{ type: "text", text: "see" }, image]));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("no_candidate_fits");

    await serveBy(["ollama/tinyllama"], { route: { allowDegrade: true } });
    await lookAround();
    const degraded = await router.post(asking([{ type: "text", text: "see" }, image]));
    expect(servedBy(degraded)).toBe("ollama/tinyllama");
    expect(degraded.headers.get("x-lifeboat-adapted")).toContain("images dropped");
  });
});

describe("a request with a JSON schema", () => {
  it("has Ollama held to the schema", async () => {
    await serveBy(["first/m", "ollama/llama3.2"]);
    const since = ollama.requests.length;
    const response = await router.post(asking("hi", { response_format: schema }));
    expect(response.headers.get("x-lifeboat-adapted")).toContain("json_schema->format");
    const { choices } = await response.json<OpenAI.ChatCompletion>();
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual({ echo: "hi" });
    expect(chats(since)[0]?.body).toMatchObject({ format: schema.json_schema.schema });
  });

  it.each([false, true])(
    "keeps its contract on a model without schemas, or goes on (streamed: %s)",
    async (stream) => {
      const models = { m: { jsonSchema: false } };
      await first.script({ do: "answer", text: "Sure! Here you are." });
      await second.script({ do: "answer", text: '{"echo":"kept"}' });
      await serveBy(["first/m", "second/m"], { models, secondModels: models });
      const response = await router.post(asking("hi", { response_format: schema, stream }));
      const text = await response.text();
      expect(servedBy(response)).toBe("second/m");
      expect(response.headers.get("x-lifeboat-failover")).toBe("unsupported");
      expect(response.headers.get("x-lifeboat-adapted")).toBe("json_schema->json_object");
      expect(text).toContain(String.raw`{\"echo\":\"kept\"}`);
      expect(text).not.toContain("Sure!");
      if (stream) expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      const [call] = await second.calls();
      expect(call?.body).toMatchObject({ response_format: { type: "json_object" } });
    },
  );

  it("is refused where the route wants no such change", async () => {
    await first.script({ do: "answer" });
    const models = { m: { jsonSchema: false } };
    await serveBy(["first/m"], { models, route: { adapt: { jsonSchema: false } } });
    const response = await router.post(asking("hi", { response_format: schema }));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("JSON schema");
    expect(await first.calls()).toHaveLength(0);
  });
});

describe("a model that is not on the machine", () => {
  it("is named with the line that fetches it, and passed over", async () => {
    await serveBy(["ollama/mistral", "second/m"]);
    const { providers } = await lookAround();
    expect(providers.find(({ name }) => name === `ollama${round}`)?.models).toEqual([
      {
        model: "mistral",
        state: "missing",
        advice: expect.stringContaining("ollama pull mistral"),
      },
    ]);
    const since = ollama.requests.length;
    const response = await router.post(asking("hi"));
    expect(servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("model_missing");
    expect(chats(since)).toHaveLength(0);
  });
});

describe("a model that has to be loaded first", () => {
  const clocks = { headersMs: 700, firstTokenMs: 700 };

  it("is given the time that it takes", async () => {
    ollama.unload();
    ollama.behave({ coldLoadMs: 1_500 });
    await serveBy(["ollama/llama3.2", "second/m"], {
      route: { timeouts: { ...clocks, coldStartMs: 10_000 } },
    });
    await lookAround();
    expect(servedBy(await router.post(asking("hi", { stream: true })))).toBe("ollama/llama3.2");
  });

  it("is left for the next candidate when that is too long", async () => {
    ollama.unload();
    ollama.behave({ coldLoadMs: 8_000 });
    await serveBy(["ollama/llama3.2", "second/m"], {
      route: { timeouts: { ...clocks, coldStartMs: 1_000 } },
    });
    await lookAround();
    const began = Date.now();
    const response = await router.post(asking("hi", { stream: true }));
    expect(servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("timeout");
    expect(Date.now() - began).toBeGreaterThan(900);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it("is loaded once when a candidate before it goes out of service", async () => {
    ollama.unload();
    await serveBy(["first/m", "second/m", "ollama/llama3.2"]);
    await lookAround();
    const since = ollama.requests.length;
    await Promise.all([1, 2, 3].map(async () => (await router.post(asking("hi"))).text()));
    const loads = () => ollama.requests.slice(since).filter(({ path }) => path === "/api/generate");
    await eventually(async () => (loads().length > 0 ? true : undefined));
    expect(loads()).toHaveLength(1);
    expect(loads()[0]?.body).toMatchObject({ model: "llama3.2", prompt: "", keep_alive: "15m" });
    expect(chats(since)).toHaveLength(0);
  });
});

describe("a machine that takes so many requests and no more", () => {
  it("is not asked by those who found no place in time", async () => {
    ollama.behave({ stallMs: 400 });
    const small = { use: "ollama/llama3.2", maxConcurrent: 1, maxQueue: 1, queueMs: 150 };
    await serveBy([small, "second/m"]);
    const since = ollama.requests.length;
    const began = Date.now();
    const responses = await Promise.all(
      [1, 2, 3].map(async () => {
        const response = await router.post(asking("one two three four", { stream: true }));
        return { by: servedBy(response), after: Date.now() - began, text: response.text() };
      }),
    );
    expect(responses.map(({ by }) => by).toSorted()).toEqual([
      "ollama/llama3.2",
      "second/m",
      "second/m",
    ]);
    expect(chats(since)).toHaveLength(1);
    for (const { by, after } of responses) if (by === "second/m") expect(after).toBeLessThan(1_500);
    await Promise.all(responses.map(({ text }) => text));
    // Its place is free again.
    expect(servedBy(await router.post(asking("hi")))).toBe("ollama/llama3.2");
  });

  it("whose own queue is full counts as overloaded", async () => {
    ollama.behave({ places: 0 });
    await serveBy(["ollama/llama3.2", "second/m"]);
    const response = await router.post(asking("hi"));
    expect(servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("overloaded");
  });
});

describe("money", () => {
  const priced = (input: number) => ({ m: { price: { input, output: input } } });

  it("is counted for the candidate that answered, and flagged where nobody knows", async () => {
    await serveBy(["first/m", "second/m"], { models: priced(50), secondModels: priced(10) });
    const response = await router.post(asking("hi"));
    await response.text();
    const { costUsd, costUnknown, tokensIn, tokensOut } = await decisionOf(response);
    expect(costUsd).toBeCloseTo(((tokensIn ?? 0) + (tokensOut ?? 0)) * 10e-6, 9);
    expect(costUnknown).toBeNull();

    await serveBy(["second/m"]);
    const unpriced = await router.post(asking("hi"));
    await unpriced.text();
    expect(await decisionOf(unpriced)).toMatchObject({ costUsd: null, costUnknown: "no_price" });
  });

  it("decides the order where the route says so, and keeps lesser answers behind", async () => {
    await first.script({ do: "answer" });
    await serveBy(["first/m", "second/m"], {
      models: priced(50),
      secondModels: priced(10),
      route: { order: "cheapest", downgrade: ["ollama/llama3.2"] },
    });
    const cheapest = await router.post(asking("hi"));
    expect(servedBy(cheapest)).toBe("second/m");
    expect(cheapest.headers.get("x-lifeboat-failover")).toBeNull();
  });

  it("keeps a request from a candidate that would cost more than the route allows", async () => {
    await first.script({ do: "answer" });
    await serveBy(["first/m", "second/m"], {
      models: priced(50),
      secondModels: priced(1),
      route: { maxPricePerRequest: 0.01 },
    });
    const response = await router.post(asking("hi", { max_tokens: 1_000 }));
    expect(servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("price_too_high");
  });
});

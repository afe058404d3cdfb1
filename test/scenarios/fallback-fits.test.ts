import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { Fitting } from "./fitting.ts";
import { appKey } from "./start-router.ts";

const at = new Fitting();

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
    await at.serveBy(["first/m", "ollama/llama3.2"]);
    const since = at.ollama.requests.length;
    const response = await at.ask("word ".repeat(20_000), { max_tokens: 100 });
    expect(at.servedBy(response)).toBe("ollama/llama3.2");
    expect(response.headers.get("x-lifeboat-adapted")).toContain("num_ctx=32768");
    const { usage } = await response.json<{ usage: { prompt_tokens: number } }>();
    expect(usage.prompt_tokens).toBe(20_000);
    expect(at.chats(since)[0]?.body).toMatchObject({
      options: { num_ctx: 32_768 },
      truncate: false,
    });
  });

  it("passes over a model whose window is too small, and says so where none is left", async () => {
    const small = { m: { contextWindow: 8_000 } };
    await at.first.script({ do: "answer" });
    await at.serveBy(["first/m", "ollama/llama3.2"], { models: small });
    const response = await at.ask("word ".repeat(20_000));
    expect(at.servedBy(response)).toBe("ollama/llama3.2");
    expect(response.headers.get("x-lifeboat-failover")).toBe("context_too_small");
    expect(await at.first.calls()).toHaveLength(0);

    await at.serveBy(["first/m"], { models: small });
    const refused = await at.ask("word ".repeat(20_000));
    expect(refused.status).toBe(400);
    expect(refused.headers.get("x-should-retry")).toBe("false");
    const { error } = await refused.json<{ error: { code: string; message: string } }>();
    expect(error.code).toBe("context_length_exceeded");
    expect(error.message).toMatch(
      /first\d+\/m is closest: it lacks a context of 2\d{4} tokens \(it has 8000\)/,
    );
  });

  it("asks for no more than the machine holds", async () => {
    await at.serveBy(["ollama/llama3.2"], { options: { maxContext: 16_384, keepAlive: "45m" } });
    const since = at.ollama.requests.length;
    await (await at.ask("word ".repeat(9_000))).text();
    expect(at.chats(since)[0]?.body).toMatchObject({
      options: { num_ctx: 16_384 },
      keep_alive: "45m",
    });
  });
});

describe("tools", () => {
  it.each([false, true])("go there and back through Ollama (streamed: %s)", async (stream) => {
    await at.serveBy(["first/m", "ollama/llama3.2"]);
    const client = new OpenAI({ baseURL: `${at.router.url}/v1`, apiKey: appKey, maxRetries: 0 });
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

    const since = at.ollama.requests.length;
    const told: OpenAI.ChatCompletionMessageParam[] = [
      ...messages,
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: call.id, content: "sunny" },
    ];
    const end = await client.chat.completions.create({ model: "chat", messages: told });
    expect(end.choices[0]?.message.content).toBe("sunny");
    expect(at.chats(since)[0]?.body).toMatchObject({
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
    await at.first.script({ do: "answer" });
    await at.serveBy(["first/m", "ollama/tinyllama", "ollama/llava"], {
      models: { m: { images: false } },
    });
    await at.lookAround();
    const since = at.ollama.requests.length;
    const response = await at.ask([{ type: "text", text: "what is this" }, image]);
    expect(at.servedBy(response)).toBe("ollama/llava");
    expect(await at.first.calls()).toHaveLength(0);
    expect(at.chats(since)).toHaveLength(1);
    const { skipped } = await at.decisionOf(response);
    expect(skipped.map(({ reason }) => reason)).toEqual(["lacks_images", "lacks_images"]);
  });

  it("is refused where nobody can see, and answered without it only where the route says so", async () => {
    await at.serveBy(["ollama/tinyllama"]);
    await at.lookAround();
    const refused = await at.ask([{ type: "text", text: "see" }, image]);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("no_candidate_fits");

    await at.serveBy(["ollama/tinyllama"], { route: { allowDegrade: true } });
    await at.lookAround();
    const degraded = await at.ask([{ type: "text", text: "see" }, image]);
    expect(at.servedBy(degraded)).toBe("ollama/tinyllama");
    expect(degraded.headers.get("x-lifeboat-adapted")).toContain("images dropped");
  });
});

describe("a request with a JSON schema", () => {
  it("has Ollama held to the schema", async () => {
    await at.serveBy(["first/m", "ollama/llama3.2"]);
    const since = at.ollama.requests.length;
    const response = await at.ask("hi", { response_format: schema });
    expect(response.headers.get("x-lifeboat-adapted")).toContain("json_schema->format");
    const { choices } = await response.json<OpenAI.ChatCompletion>();
    expect(JSON.parse(choices[0]?.message.content ?? "")).toEqual({ echo: "hi" });
    expect(at.chats(since)[0]?.body).toMatchObject({ format: schema.json_schema.schema });
  });

  it.each([false, true])(
    "keeps its contract on a model without schemas, or goes on (streamed: %s)",
    async (stream) => {
      const models = { m: { jsonSchema: false } };
      await at.first.script({ do: "answer", text: "Sure! Here you are." });
      await at.second.script({ do: "answer", text: '{"echo":"kept"}' });
      await at.serveBy(["first/m", "second/m"], { models, secondModels: models });
      const response = await at.ask("hi", { response_format: schema, stream });
      const text = await response.text();
      expect(at.servedBy(response)).toBe("second/m");
      expect(response.headers.get("x-lifeboat-failover")).toBe("unsupported");
      expect(response.headers.get("x-lifeboat-adapted")).toBe("json_schema->json_object");
      expect(text).toContain(String.raw`{\"echo\":\"kept\"}`);
      expect(text).not.toContain("Sure!");
      if (stream) expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      const [call] = await at.second.calls();
      expect(call?.body).toMatchObject({ response_format: { type: "json_object" } });
    },
  );

  it("is refused where the route wants no such change", async () => {
    await at.first.script({ do: "answer" });
    const models = { m: { jsonSchema: false } };
    await at.serveBy(["first/m"], { models, route: { adapt: { jsonSchema: false } } });
    const response = await at.ask("hi", { response_format: schema });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("JSON schema");
    expect(await at.first.calls()).toHaveLength(0);
  });
});

describe("money", () => {
  const priced = (input: number) => ({ m: { price: { input, output: input } } });

  it("is counted for the candidate that answered, and flagged where nobody knows", async () => {
    await at.serveBy(["first/m", "second/m"], { models: priced(50), secondModels: priced(10) });
    const response = await at.ask("hi");
    await response.text();
    const { costUsd, costUnknown, tokensIn, tokensOut } = await at.decisionOf(response);
    expect(costUsd).toBeCloseTo(((tokensIn ?? 0) + (tokensOut ?? 0)) * 10e-6, 9);
    expect(costUnknown).toBeNull();

    await at.serveBy(["second/m"]);
    const unpriced = await at.ask("hi");
    await unpriced.text();
    expect(await at.decisionOf(unpriced)).toMatchObject({ costUsd: null, costUnknown: "no_price" });
  });

  it("decides the order where the route says so, and keeps lesser answers behind", async () => {
    await at.first.script({ do: "answer" });
    await at.serveBy(["first/m", "second/m"], {
      models: priced(50),
      secondModels: priced(10),
      route: { order: "cheapest", downgrade: ["ollama/llama3.2"] },
    });
    const cheapest = await at.ask("hi");
    expect(at.servedBy(cheapest)).toBe("second/m");
    expect(cheapest.headers.get("x-lifeboat-failover")).toBeNull();
  });

  it("keeps a request from a candidate that would cost more than the route allows", async () => {
    await at.first.script({ do: "answer" });
    await at.serveBy(["first/m", "second/m"], {
      models: priced(50),
      secondModels: priced(1),
      route: { maxPricePerRequest: 0.01 },
    });
    const response = await at.ask("hi", { max_tokens: 1_000 });
    expect(at.servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("price_too_high");
  });
});

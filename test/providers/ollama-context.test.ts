import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ContextMemory } from "../../providers/ollama/context-memory.ts";
import { type ContextBounds, contextNeeded } from "../../providers/ollama/context-size.ts";
import { estimateOf } from "../../src/plan/estimate.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";
import { ask, collect, connect, failureOf } from "./ollama-asking.ts";

describe("the context's size", () => {
  const asking = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
    model: "m",
    messages: [{ role: "user", content }],
    ...more,
  });
  const words = (count: number): string => "boat ".repeat(count);
  const needed = (request: ChatRequest, bounds: Partial<ContextBounds> = {}): number =>
    contextNeeded(request, estimateOf(request).tokens.input, {
      most: null,
      least: null,
      ...bounds,
    });

  test.each([
    ["a short prompt and a short answer", asking("hi", { max_tokens: 100 }), 2048],
    ["an answer of unknown length", asking("hi"), 8192],
    ["3,000 words", asking(words(3000), { max_tokens: 100 }), 4096],
    ["6,000 words", asking(words(6000), { max_tokens: 100 }), 8192],
    ["20,000 words", asking(words(20_000), { max_tokens: 100 }), 32_768],
    ["a prompt over every window", asking(words(400_000)), 131_072],
    ["an answer that apps state by rote", asking("hi", { max_tokens: 128_000 }), 16_384],
  ])("%s", (_name, request, size) => {
    expect(needed(request)).toBe(size);
  });

  test("tools, tool calls and pictures take their part", () => {
    const tools = [{ type: "function", function: { name: "f", description: words(3000) } }];
    expect(needed(asking("hi", { max_tokens: 100, tools }))).toBe(4096);
    const image = {
      type: "image_url",
      image_url: { url: `data:image/png;base64,${"A".repeat(1e6)}` },
    };
    const messages = [{ role: "user", content: [image, image, image] }];
    expect(needed({ model: "m", messages, max_tokens: 100 })).toBe(4096);
  });

  test("a short prompt soon after a long one keeps the model as it is loaded", () => {
    const memory = new ContextMemory();
    expect(memory.sizeFor("a", 32_768, 0)).toBe(32_768);
    expect(memory.sizeFor("a", 2048, 1000)).toBe(32_768);
    expect(memory.sizeFor("b", 2048, 1000)).toBe(2048);
    expect(memory.sizeFor("a", 2048, 5 * 60_000)).toBe(2048);
    expect(memory.sizeFor("a", 4096, 5 * 60_000 + 1)).toBe(4096);
  });

  test("all names of a model are one model", () => {
    const memory = new ContextMemory();
    memory.sizeFor("llama3.2:latest", 32_768, 0);
    for (const name of [
      "llama3.2",
      "Llama3.2",
      "library/llama3.2",
      "registry.ollama.ai/library/llama3.2",
    ]) {
      expect(memory.sizeFor(name, 2048, 1)).toBe(32_768);
    }
    expect(memory.sizeFor("llama3.2:1b", 2048, 1)).toBe(2048);
  });

  test("a model that others have loaded larger is kept so, for as long as one that was needed", () => {
    const memory = new ContextMemory();
    memory.isLoaded("a", 16_384);
    expect(memory.sizeFor("a", 2048, 1_000_000)).toBe(16_384);
    expect(memory.sizeFor("a", 2048, 1_000_000 + 5 * 60_000)).toBe(2048);
  });

  test("one that is still loaded smaller than was just asked for says nothing", () => {
    const memory = new ContextMemory();
    memory.sizeFor("a", 32_768, 0);
    memory.isLoaded("a", 4096);
    expect(memory.sizeFor("a", 2048, 1)).toBe(32_768);
  });

  test("what the Modelfile sets is the least, what the machine holds the most", () => {
    expect(needed(asking("hi"), { least: 16_384 })).toBe(16_384);
    expect(needed(asking(words(20_000)), { least: 16_384 })).toBe(32_768);
    expect(needed(asking("hi"), { most: 8192, least: 16_384 })).toBe(8192);
  });

  test("goes as far as a window that is known", () => {
    const long = asking(words(200_000));
    expect(needed(long, { most: 1_000_000 })).toBe(262_144);
    expect(needed(long, { most: 200_000 })).toBe(200_000);
    expect(needed(long)).toBe(131_072);
    expect(needed(long, { least: 200_000 })).toBe(200_000);
  });
});

describe("a prompt that is longer than it was estimated at", () => {
  let server: OllamaServer;
  beforeAll(async () => {
    const window = 12_000;
    const models = [
      { name: "llama3.2:latest", can: [] },
      { name: "narrow:latest", can: [], window },
    ];
    server = await startOllamaServer({ models });
  });
  afterAll(() => server.close());
  const words = (content: number) => "boat ".repeat(content);
  /** As after answers that stated fewer tokens than this prompt has. */
  const asking = { max_tokens: 50, promptRatio: 0.5 };
  const sizes = (since: number) =>
    server.requests
      .slice(since)
      .map(({ body }) => JSON.stringify(body).match(/"num_ctx":(\d+)/)?.[1]);

  test("is asked again with a larger context, and the next one at once", async () => {
    const provider = connect({ baseUrl: server.url });
    const since = server.requests.length;
    const answer = await ask(provider, words(5_000), asking);
    expect(answer).toMatchObject({ ok: true, adapted: ["num_ctx=8192"] });
    await collect(answer);
    await collect(await ask(provider, words(5_000), asking));
    expect(sizes(since)).toEqual(["4096", "8192", "8192"]);
  });

  test("is too long where the window, the machine or patience ends", async () => {
    const tooLong = { class: "context_length", failsOver: true };
    const machine = connect({ baseUrl: server.url, options: { maxContext: 6_000 } });
    let since = server.requests.length;
    expect(
      failureOf(await ask(machine, words(7_000), { ...asking, model: "narrow" })),
    ).toMatchObject(tooLong);
    expect(sizes(since)).toEqual(["4096", "6000"]);
    const patient = connect({ baseUrl: server.url });
    since = server.requests.length;
    expect(
      failureOf(await ask(patient, words(100_000), { ...asking, promptRatio: 0.02 })),
    ).toMatchObject(tooLong);
    expect(sizes(since)).toHaveLength(4);
  });
});

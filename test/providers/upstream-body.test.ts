import { describe, expect, test } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { Adaptation } from "../../src/contract/route.ts";

/** What a kind sends for a request, and what it says that it changed. */
async function sent(
  name: string,
  { model = "m", refused = [], ...request }: Partial<ChatRequest> & { refused?: Adaptation[] },
) {
  const kind = providerKinds.get(name);
  if (kind === undefined) throw new Error(name);
  const settings = { name: "p", baseUrl: "http://localhost/v1", apiKey: "k", headers: {} };
  const bodies: Record<string, unknown>[] = [];
  const answer = await kind.connect(settings).call({
    promptTokens: () => 1,
    model,
    request: Object.freeze({
      model: "chat",
      messages: [{ role: "user", content: "hi" }],
      ...request,
    }),
    stream: false,
    refused: new Set(refused),
    signal: new AbortController().signal,
    fetch: async (_url, { body }) => {
      bodies.push(JSON.parse(typeof body === "string" ? body : ""));
      return Response.json({});
    },
    clock: { now: () => 0 },
  });
  return { body: bodies[0], answer, adapted: answer.ok ? answer.adapted : null };
}

describe("what a provider cannot take is changed, and told", () => {
  test("the developer's role, where only the system's is known", async () => {
    const messages = [{ role: "developer", content: "Be brief." }];
    const { body, adapted } = await sent("deepseek", { messages });
    expect(body).toMatchObject({ messages: [{ role: "system", content: "Be brief." }] });
    expect(adapted).toEqual(["developer→system"]);
    const kept = await sent("openai", { messages, model: "gpt-4o" });
    expect(kept.body).toMatchObject({ messages });
    expect(kept.adapted).toEqual([]);
  });

  test("the name of the answer's limit, to and fro", async () => {
    const older = await sent("openai", { model: "gpt-5-mini", max_tokens: 9 });
    expect(older.body).toMatchObject({ max_completion_tokens: 9 });
    expect(older.body).not.toHaveProperty("max_tokens");
    expect(older.adapted).toEqual(["max_tokens→max_completion_tokens"]);
    const newer = await sent("mistral", { max_completion_tokens: 9 });
    expect(newer.body).toMatchObject({ max_tokens: 9 });
    expect(newer.adapted).toEqual(["max_completion_tokens→max_tokens"]);
  });

  test("sampling that a model refuses", async () => {
    const { body, adapted } = await sent("openai", { model: "o3", temperature: 0.2, top_p: 0.9 });
    expect(body).not.toHaveProperty("temperature");
    expect(adapted).toEqual(["temperature dropped", "top_p dropped"]);
    const kept = await sent("openai", { model: "gpt-4o-mini", temperature: 0.2 });
    expect(kept.body).toMatchObject({ temperature: 0.2 });
  });

  test("and nothing at all where nothing has to be", async () => {
    const { adapted } = await sent("openai", { model: "gpt-4o", temperature: 1, max_tokens: 4 });
    expect(adapted).toEqual([]);
  });
});

describe("a change that the route refuses", () => {
  test.each<[string, Adaptation, Partial<ChatRequest> & { model?: string }]>([
    ["deepseek", "developerRole", { messages: [{ role: "developer", content: "x" }] }],
    ["openai", "maxTokens", { model: "o3", max_tokens: 9 }],
    ["openai", "sampling", { model: "o3", temperature: 0 }],
  ])("by %s (%s) ends before any call", async (kind, adaptation, request) => {
    const { body, answer } = await sent(kind, { ...request, refused: [adaptation] });
    expect(body).toBeUndefined();
    expect(answer).toMatchObject({
      ok: false,
      failure: { class: "unsupported", failsOver: true, verdict: "neutral" },
    });
  });
});

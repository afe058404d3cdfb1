import { describe, expect, test } from "vitest";
import { translateRequest, type Fitting } from "../../providers/ollama/translate-request.ts";
import type { ChatMessage, ChatRequest } from "../../src/contract/chat.ts";
import type { Adaptation } from "../../src/contract/route.ts";

const user: ChatMessage = { role: "user", content: "hi" };
const weather = { type: "function", function: { name: "weather" } };

function translate(request: Partial<ChatRequest>, changes: Partial<Fitting> = {}) {
  return translateRequest(
    { model: "chat", messages: [user], ...request },
    {
      model: "llama3.2",
      numCtx: 4096,
      thinking: "levels",
      keepAlive: null,
      think: null,
      refused: new Set(),
      allowDegrade: false,
      ...changes,
    },
  );
}

function adaptedIn(request: Partial<ChatRequest>, changes: Partial<Fitting> = {}) {
  const translated = translate(request, changes);
  return translated.ok ? translated.adapted.slice(1) : translated.reason;
}

describe("what changes the meaning when it is left out", () => {
  const grammar = { type: "custom", custom: { name: "grammar" } };
  const cases: readonly [string, Partial<ChatRequest>][] = [
    ["tools of other types dropped", { tools: [grammar, weather] }],
    ["functions dropped", { functions: [{ name: "weather", parameters: {} }] }],
    ["web_search_options dropped", { web_search_options: {} }],
    ["modalities=text", { modalities: ["text", "audio"] }],
  ];

  test.each(cases)("goes elsewhere unless the route allows it: %s", (change, more) => {
    expect(translate(more)).toMatchObject({
      ok: false,
      reason: expect.stringContaining(change),
    });
    expect(adaptedIn(more, { allowDegrade: true })).toEqual([change]);
  });

  test("is nothing where the app does not want it used", () => {
    const functions = [{ name: "weather" }];
    expect(adaptedIn({ functions, function_call: "none" })).toEqual([]);
    expect(adaptedIn({ functions: [] })).toEqual([]);
    expect(adaptedIn({ tools: [grammar], tool_choice: "none" })).toEqual([]);
  });
});

describe("changes that a route refuses", () => {
  const slip = { id: "c", type: "function", function: { name: "f", arguments: "[1]" } } as const;
  const cases: readonly [string, Partial<ChatRequest>, Adaptation][] = [
    ["tool_choice=auto", { tools: [weather], tool_choice: "required" }, "toolCalls"],
    [
      "tool_calls.arguments→_raw",
      { messages: [{ role: "assistant", tool_calls: [slip] }] },
      "toolCalls",
    ],
    ["n=1", { n: 2 }, "sampling"],
  ];

  test.each(cases)("are not made: %s", (change, more, kind) => {
    expect(translate(more, { refused: new Set([kind]) })).toMatchObject({
      ok: false,
      reason: expect.stringContaining(change),
    });
    expect(adaptedIn(more)).toContain(change);
  });
});

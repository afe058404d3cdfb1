import { describe, expect, test } from "vitest";
import { translateRequest, type Fitting } from "../../providers/ollama/translate-request.ts";
import type { ChatMessage, ChatRequest } from "../../src/contract/chat.ts";

const fitting: Fitting = {
  model: "llama3.2",
  numCtx: 4096,
  thinking: "levels",
  keepAlive: null,
  think: null,
  refused: new Set(),
  allowDegrade: false,
};
const user: ChatMessage = { role: "user", content: "hi" };

function translate(request: Partial<ChatRequest>, changes: Partial<typeof fitting> = {}) {
  const whole: ChatRequest = { model: "chat", messages: [user], ...request };
  const translated = translateRequest(whole, { ...fitting, ...changes });
  if (!translated.ok) throw new Error(translated.reason);
  const { body } = translated;
  const adapted = translated.adapted.filter((entry) => entry !== "num_ctx=4096");
  return { body, messages: body.messages, options: body.options, adapted };
}

const weather = {
  type: "function",
  function: { name: "weather", parameters: { type: "object", properties: { city: {} } } },
};

describe("messages", () => {
  test("system and developer are both the system", () => {
    const { messages } = translate({
      messages: [{ role: "developer", content: "a" }, { role: "system", content: "b" }, user],
    });
    expect(messages).toEqual([
      { role: "system", content: "a" },
      { role: "system", content: "b" },
      { role: "user", content: "hi" },
    ]);
  });

  test("text parts become one text, and data URLs images", () => {
    const { messages } = translate({
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
            { type: "text", text: "this?" },
          ],
        },
      ],
    });
    expect(messages).toEqual([
      { role: "user", content: "what is\nthis?", images: ["iVBORw0KGgo="] },
    ]);
  });

  test.each([
    ["an http image", { type: "image_url", image_url: { url: "https://example.com/a.png" } }],
    ["a data URL that is not base64", { type: "image_url", image_url: { url: "data:,abc" } }],
    ["a recording", { type: "input_audio", input_audio: { data: "aaaa", format: "wav" } }],
    ["a file", { type: "file", file: { file_id: "file-1" } }],
  ])("%s cannot be asked of Ollama", (_name, part) => {
    const request = { model: "chat", messages: [{ role: "user", content: [part] }] };
    const translated = translateRequest(request, fitting);
    expect(translated).toMatchObject({ ok: false, reason: expect.stringContaining("Ollama") });
    expect(JSON.stringify(translated)).not.toContain("example.com");
  });

  test("a tool's answer carries the name of the tool that was called", () => {
    const { messages, adapted } = translate({
      messages: [
        {
          role: "assistant",
          content: null,
          reasoning_content: "I should look.",
          tool_calls: [
            {
              id: "call_1",
              type: "function",
              function: { name: "weather", arguments: '{"city":"Bern"}' },
            },
          ],
        },
        { role: "tool", tool_call_id: "call_1", content: "sunny" },
      ],
    });
    expect(messages).toEqual([
      {
        role: "assistant",
        content: "",
        thinking: "I should look.",
        tool_calls: [{ id: "call_1", function: { name: "weather", arguments: { city: "Bern" } } }],
      },
      { role: "tool", content: "sunny", tool_name: "weather", tool_call_id: "call_1" },
    ]);
    expect(adapted).toEqual([]);
  });

  test.each([
    ["", {}, []],
    ['{"a":1}', { a: 1 }, []],
    ['{"a":', { _raw: '{"a":' }, ["tool_calls.arguments→_raw"]],
    ["[1]", { _raw: "[1]" }, ["tool_calls.arguments→_raw"]],
  ])("arguments %j are sent as %j", (text, sent, notes) => {
    const call = { id: "c", type: "function", function: { name: "f", arguments: text } } as const;
    const { messages, adapted } = translate({
      messages: [{ role: "assistant", tool_calls: [call] }],
    });
    expect(messages[0]?.tool_calls?.[0]?.function.arguments).toEqual(sent);
    expect(adapted).toEqual(notes);
  });
});

describe("settings", () => {
  test("sampling settings become options", () => {
    const { options, adapted } = translate({
      max_tokens: 100,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: "END",
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
    });
    expect(options).toEqual({
      num_ctx: 4096,
      num_predict: 100,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: ["END"],
      frequency_penalty: 0.1,
      presence_penalty: 0.2,
    });
    expect(adapted).toEqual([]);
  });

  test("max_completion_tokens goes before max_tokens, and null is nothing", () => {
    expect(
      translate({ max_completion_tokens: 5, max_tokens: 9, temperature: null, stop: null }).options,
    ).toEqual({ num_ctx: 4096, num_predict: 5 });
  });

  test("the answer is always streamed, and nothing is cut or pushed out in silence", () => {
    expect(translate({ stream: false }).body).toMatchObject({
      stream: true,
      truncate: false,
      shift: false,
    });
  });

  test.each([
    [{ type: "text" }, undefined, []],
    [{ type: "json_object" }, "json", []],
    [
      { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
      { type: "object" },
      ["json_schema→format"],
    ],
    [{ type: "json_schema", json_schema: { name: "x" } }, "json", ["json_schema→json_object"]],
  ])("response_format %j is format %j", (response_format, format, notes) => {
    const { body, adapted } = translate({ response_format });
    expect(body.format).toEqual(format);
    expect(adapted).toEqual(notes);
  });

  test.each([
    ["none", false, []],
    ["minimal", "low", ["reasoning_effort=low"]],
    ["low", "low", []],
    ["high", "high", []],
    ["xhigh", "high", ["reasoning_effort=high"]],
    ["enormous", undefined, ["reasoning_effort dropped"]],
  ])("reasoning_effort %s is think %s", (reasoning_effort, think, notes) => {
    const { body, adapted } = translate({ reasoning_effort });
    expect(body.think).toBe(think);
    expect(adapted).toEqual(notes);
  });

  test("a model that refuses to think is not asked to, but may be asked not to", () => {
    const asked = translate({ reasoning_effort: "high" }, { thinking: "never" });
    expect(asked.body.think).toBeUndefined();
    expect(asked.adapted).toEqual(["reasoning_effort dropped"]);
    expect(translate({ reasoning_effort: "none" }, { thinking: "never" }).body.think).toBe(false);
  });

  test.each([
    ["none", false, []],
    ["minimal", true, ["reasoning_effort→think"]],
    ["high", true, ["reasoning_effort→think"]],
    ["enormous", undefined, ["reasoning_effort dropped"]],
  ])("reasoning_effort %s of a model that knows no levels is think %s", (effort, think, notes) => {
    const { body, adapted } = translate({ reasoning_effort: effort }, { thinking: "switch" });
    expect(body.think).toBe(think);
    expect(adapted).toEqual(notes);
  });

  test("num_ctx is told", () => {
    const request = { model: "m", messages: [user] };
    const translated = translateRequest(request, { ...fitting, numCtx: 8192 });
    expect(translated).toMatchObject({
      adapted: ["num_ctx=8192"],
      body: { options: { num_ctx: 8192 } },
    });
  });

  test("logprobs are asked for by the same names", () => {
    const { body, adapted } = translate({ logprobs: true, top_logprobs: 3 });
    expect(body).toMatchObject({ logprobs: true, top_logprobs: 3 });
    expect(adapted).toEqual([]);
    expect(translate({ logprobs: false, top_logprobs: 3 }).body).not.toHaveProperty("top_logprobs");
  });

  test("what Ollama has no word for is dropped and told", () => {
    const { body, adapted } = translate({
      n: 3,
      logit_bias: { "50256": -100 },
      modalities: ["text"],
      user: "u",
      metadata: {},
    });
    expect(adapted).toEqual(["n=1", "logit_bias dropped"]);
    expect(Object.keys(body).toSorted()).toEqual(
      ["messages", "model", "options", "shift", "stream", "truncate"].toSorted(),
    );
  });
});

describe("tools", () => {
  test("functions are passed on; one without parameters gets an empty schema", () => {
    const { body, adapted } = translate({
      tools: [weather, { type: "function", function: { name: "now" } }],
    });
    expect(body.tools).toEqual([
      weather,
      {
        type: "function",
        function: { name: "now", parameters: { type: "object", properties: {} } },
      },
    ]);
    expect(adapted).toEqual([]);
  });

  test("tool_choice none leaves the tools out", () => {
    const { body, adapted } = translate({ tools: [weather], tool_choice: "none" });
    expect(body.tools).toBeUndefined();
    expect(adapted).toEqual([]);
  });

  test("a named tool is the only one offered, and the choice is not enforced", () => {
    const other = { type: "function", function: { name: "other" } };
    const tool_choice = { type: "function", function: { name: "weather" } };
    const { body, adapted } = translate({ tools: [other, weather], tool_choice });
    expect(body.tools).toEqual([weather]);
    expect(adapted).toEqual(["tool_choice=auto"]);
  });

  test("what cannot be kept of tools is told", () => {
    const { body, adapted } = translate({
      tools: [{ type: "function", function: { name: "f", strict: true } }],
      tool_choice: "required",
      parallel_tool_calls: false,
    });
    expect(body.tools).toHaveLength(1);
    expect(adapted).toEqual(["strict=false", "parallel_tool_calls=true", "tool_choice=auto"]);
  });
});

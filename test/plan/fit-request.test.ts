import { describe, expect, it } from "vitest";
import { checkAgainst } from "../../src/attempt/check-answer.ts";
import { defaultFitting } from "../../src/config/defaults.ts";
import { unknownFacts } from "../../src/config/models.ts";
import type { ChatCompletion, ChatRequest } from "../../src/contract/chat.ts";
import type { Fitting, ModelFacts } from "../../src/contract/route.ts";
import { fitRequest } from "../../src/plan/fit-request.ts";

const schema = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
const asked: ChatRequest = Object.freeze({
  model: "m",
  messages: [{ role: "user", content: "hi" }],
  response_format: { type: "json_schema", json_schema: { name: "s", schema } },
});

function fit(request: ChatRequest, facts: Partial<ModelFacts>, fitting: Partial<Fitting> = {}) {
  return fitRequest(request, { ...unknownFacts, ...facts }, { ...defaultFitting, ...fitting });
}

describe("a request that needs no change", () => {
  it("is the very same object", () => {
    expect(fit(asked, {}).request).toBe(asked);
    expect(fit(asked, { jsonSchema: true }).adapted).toEqual([]);
  });
});

describe("a JSON schema that the provider cannot keep", () => {
  it("goes into the prompt, and the answer is held against it", () => {
    const { request, adapted, mustMatch } = fit(asked, { jsonSchema: false });
    expect(adapted).toEqual(["json_schema→json_object"]);
    expect(request.response_format).toEqual({ type: "json_object" });
    expect(request.messages[0]).toMatchObject({ role: "system" });
    expect(request.messages[0]?.content).toContain(JSON.stringify(schema));
    expect(mustMatch).toEqual(schema);
  });

  it("joins the system's words where there are some", () => {
    const messages = [{ role: "system", content: "Be brief." }, ...asked.messages];
    const { request } = fit({ ...asked, messages }, { jsonSchema: false });
    expect(request.messages).toHaveLength(2);
    expect(request.messages[0]?.content).toMatch(/^Be brief\.\n\n/);
  });

  it("stays where the route refuses the change", () => {
    const refused = new Set(["jsonSchema"] as const);
    expect(fit(asked, { jsonSchema: false }, { refused }).request).toBe(asked);
  });
});

describe("an answer held against a schema", () => {
  const judge = (content: string | null, more: object = {}, finish = "stop") => {
    const message = { role: "assistant", content, ...more };
    const answer: ChatCompletion = {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices: [{ index: 0, message, finish_reason: finish }],
    };
    return checkAgainst(schema)(answer);
  };

  it("passes when it matches", () => {
    expect(judge('{"city":"Rome"}')).toBeNull();
  });

  it.each([
    ["is no JSON", "Rome"],
    ["has another shape", '{"town":"Rome"}'],
    ["has more than it may", '{"city":"Rome","zip":1}'],
    ["wraps the JSON", '```json\n{"city":"Rome"}\n```'],
  ])("that %s goes to the next candidate, and blames nobody's circuit", (_name, content) => {
    expect(judge(content)).toMatchObject({
      class: "unsupported",
      code: "json_schema_not_met",
      failsOver: true,
      verdict: "neutral",
    });
  });

  it("is not judged when it was cut, refuses or calls a tool", () => {
    expect(judge('{"ci', {}, "length")).toBeNull();
    expect(judge(null, { refusal: "I cannot." })).toBeNull();
    const call = { id: "1", type: "function", function: { name: "f", arguments: "{}" } };
    expect(judge(null, { tool_calls: [call] })).toBeNull();
  });
});

describe("other changes", () => {
  it("asks for no longer an answer than the model gives", () => {
    const { request, adapted } = fit({ ...asked, max_tokens: 16_000 }, { maxOutput: 8_192 });
    expect(request.max_tokens).toBe(8_192);
    expect(adapted).toEqual(["max_tokens=8192"]);
    const refused = new Set(["maxTokens"] as const);
    expect(
      fit({ ...asked, max_tokens: 16_000 }, { maxOutput: 8_192 }, { refused }).adapted,
    ).toEqual([]);
  });

  it("turns parallel tool calls off where they are not known", () => {
    const request = { ...asked, parallel_tool_calls: true };
    const fitted = fit(request, { parallelTools: false });
    expect(fitted.adapted).toEqual(["parallel_tool_calls off"]);
    expect(fitted.request).not.toHaveProperty("parallel_tool_calls");
  });
});

describe("what changes the meaning", () => {
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
  const call = {
    id: "1",
    type: "function",
    function: { name: "f", arguments: '{"a":1}' },
  } as const;
  const request: ChatRequest = {
    model: "m",
    tools: [{ type: "function", function: { name: "f" } }],
    tool_choice: "auto",
    messages: [
      { role: "user", content: [{ type: "text", text: "see" }, image] },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "42", tool_call_id: "1" },
    ],
  };
  const lacking = { tools: false, images: false };

  it("is left alone by default", () => {
    expect(fit(request, lacking).request).toBe(request);
  });

  it("is left out where the route allows it, and told", () => {
    const { request: fitted, adapted } = fit(request, lacking, { allowDegrade: true });
    expect(adapted).toEqual(["tools dropped", "images dropped"]);
    expect(fitted).not.toHaveProperty("tools");
    expect(fitted).not.toHaveProperty("tool_choice");
    expect(JSON.stringify(fitted.messages)).not.toContain("image_url");
    expect(fitted.messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(fitted.messages[1]?.content).toBe('f({"a":1})');
  });
});

describe("functions in the words before tools", () => {
  it("are left out like tools where the route allows it", () => {
    const request = { ...asked, functions: [{ name: "f" }], function_call: "auto" };
    const fitted = fit(request, { tools: false }, { allowDegrade: true });
    expect(fitted.adapted).toEqual(["tools dropped"]);
    expect(Object.keys(fitted.request)).toEqual(Object.keys(asked));
    expect(fit(request, { tools: true }, { allowDegrade: true }).request).toBe(request);
  });
});

import { describe, expect, it } from "vitest";
import { Refusal } from "../../src/contract/refusal.ts";
import { parseChat } from "../../src/surface/openai-chat.ts";

const messages = [{ role: "user", content: "hi" }];

function refusalOf(body: unknown): Refusal {
  try {
    parseChat(typeof body === "string" ? body : JSON.stringify(body));
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("the request was taken");
}

describe("a chat request", () => {
  it("is taken as it is, unknown fields and all", () => {
    const body = { model: "m", messages, vendor_option: { deep: [1, 2] }, temperature: 0.1 };
    expect(parseChat(JSON.stringify(body))).toEqual({ request: body, chain: null });
  });

  it.each([
    ["models", { models: ["a", "b"] }, ["a", "b"]],
    ["fallbacks", { fallbacks: ["b", "c"] }, ["m", "b", "c"]],
  ])("may bring its own chain in %s", (_name, extra, chain) => {
    expect(parseChat(JSON.stringify({ model: "m", messages, ...extra })).chain).toEqual(chain);
  });

  it.each([
    ["no model", { messages }, "model"],
    ["an empty model", { model: "", messages }, "model"],
    ["a number as model", { model: 4, messages }, "model"],
    ["no messages", { model: "m" }, "messages"],
    ["empty messages", { model: "m", messages: [] }, "messages"],
    ["messages that are no list", { model: "m", messages: "hi" }, "messages"],
    ["a message without role", { model: "m", messages: [{ content: "x" }] }, "messages[0].role"],
    [
      "content of a wrong type",
      { model: "m", messages: [...messages, { role: "user", content: 7 }] },
      "messages[1].content",
    ],
    ["stream of a wrong type", { model: "m", messages, stream: "yes" }, "stream"],
    ["tools of a wrong type", { model: "m", messages, tools: {} }, "tools"],
  ])("with %s is refused, naming the field", (_name, body, param) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, type: "invalid_request_error", param });
  });

  it.each([
    ["broken JSON", '{"model": "m"', "invalid_json"],
    ["nothing", "", "invalid_json"],
    ["a list", "[]", "invalid_type"],
    ["null", "null", "invalid_type"],
  ])("that is %s is refused", (_name, body, code) => {
    expect(refusalOf(body)).toMatchObject({ status: 400, code, param: null });
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatSchema } from "../../src/surface/chat-schema.ts";
import { isPlainChat } from "../../src/surface/plain-chat.ts";

const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom("text", "", "user", 1, 2.5, -1, Infinity, true, false, null),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const odd = fc.record(
  { role: value, content: value, name: value, tool_calls: value, tool_call_id: value },
  { requiredKeys: [] },
);
const usual = fc.record({ role: fc.constant("user"), content: fc.string(), refusal: value });
const message = fc.oneof({ weight: 4, arbitrary: usual }, { weight: 1, arbitrary: odd });
const fields = [...Object.keys(chatSchema.shape), "logprobs", "constructor", "toString"];
const settings = fc.uniqueArray(fc.tuple(fc.constantFrom(...fields), value), {
  maxLength: 4,
  selector: ([field]) => field,
});
const body = fc
  .tuple(fc.array(message, { maxLength: 3 }), settings)
  .map(([messages, more]) => ({ model: "m", messages, ...Object.fromEntries(more) }));

describe("a plain chat request", () => {
  it("is always one that the schema takes as it is", () => {
    let plain = 0;
    fc.assert(
      fc.property(body, (made) => {
        if (!isPlainChat(made)) return;
        plain += 1;
        expect(chatSchema.safeParse(made).success).toBe(true);
      }),
      { numRuns: 3_000 },
    );
    expect(plain).toBeGreaterThan(100);
  });

  it.each([
    ["with settings", { temperature: 0.2, max_tokens: 5, stream: true, stop: "x", user: "u" }],
    ["with fields that nobody knows", { anything: { at: ["all"] } }],
    ["with a field that objects inherit", { constructor: 1, toString: "x" }],
  ])("%s is plain", (_name, more) => {
    const messages = [{ role: "user", content: "hi" }];
    expect(isPlainChat({ model: "m", messages, ...more })).toBe(true);
  });
});

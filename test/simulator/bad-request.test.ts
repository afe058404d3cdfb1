import { BadRequestError } from "openai";
import { expect, test } from "vitest";
import { accountWith, saying } from "./simulated-account.ts";

const good = saying("hello");
const user = good.messages;

test.each([
  [
    { messages: user },
    "model",
    "missing_required_parameter",
    "Missing required parameter: 'model'.",
  ],
  [
    { model: "m" },
    "messages",
    "missing_required_parameter",
    "Missing required parameter: 'messages'.",
  ],
  [
    { model: "m", messages: [] },
    "messages",
    "empty_array",
    "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
  ],
  [
    { model: "m", messages: [{ role: "user", content: 5 }] },
    "messages[0].content",
    "invalid_type",
    "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
  ],
  [
    { model: "m", messages: [{ role: "user", content: [{ text: "x" }] }] },
    "messages[0].content[0].type",
    "missing_required_parameter",
    "Missing required parameter: 'messages[0].content[0].type'.",
  ],
  [
    { model: "m", messages: [{ role: "robot", content: "x" }] },
    "messages[0].role",
    "invalid_value",
    "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
  ],
  [
    { model: "m", messages: [{ role: "user" }] },
    "messages.[0].content",
    null,
    "Invalid value for 'content': expected a string, got null.",
  ],
  [
    { ...good, max_tokens: 0 },
    "max_tokens",
    "integer_below_min_value",
    "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
  ],
  [
    { ...good, temperature: 2.5 },
    "temperature",
    "decimal_above_max_value",
    "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 instead.",
  ],
  [
    { ...good, stream: "yes" },
    "stream",
    "invalid_type",
    "Invalid type for 'stream': expected a boolean, but got a string instead.",
  ],
  [
    { ...good, stop: ["a", "b", "c", "d", "e"] },
    "stop",
    "array_above_max_length",
    "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
  ],
  [
    { ...good, stream_options: { include_usage: true } },
    "stream_options",
    null,
    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
  ],
  [
    { ...good, tool_choice: "required" },
    "tool_choice",
    null,
    "'tool_choice' is only allowed when 'tools' are specified.",
  ],
  [
    { ...good, tools: [{ type: "function", function: {} }] },
    "tools[0].function.name",
    "missing_required_parameter",
    "Missing required parameter: 'tools[0].function.name'.",
  ],
  [
    { ...good, response_format: { type: "json_schema" } },
    "response_format.json_schema",
    "missing_required_parameter",
    "Missing required parameter: 'response_format.json_schema'.",
  ],
  [
    { model: "m", messages: [{ role: "tool", tool_call_id: "x", content: "1" }] },
    "messages.[0].role",
    null,
    "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
  ],
])("%j is a 400 about %s", async (body, param, code, message) => {
  const response = await accountWith().post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { message, type: "invalid_request_error", param, code },
  });
});

test.each(["", "{", "null", "[]", "7"])("the body %j is a 400 with no field", async (body) => {
  const response = await accountWith().post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    error: { type: "invalid_request_error", param: null },
  });
});

test("the official client raises a BadRequestError that names the parameter", async () => {
  const { openai } = accountWith();
  const error: unknown = await openai.chat.completions
    .create({ ...good, max_tokens: -1 })
    .catch((e) => e);
  expect(error).toBeInstanceOf(BadRequestError);
  expect(error).toMatchObject({ param: "max_tokens", type: "invalid_request_error" });
});

test("a bad request uses up neither credit nor allowance", async () => {
  const account = accountWith({ requestsPerMinute: 1 });
  await account.post({ model: "m" });
  expect((await account.post(good)).status).toBe(200);
});

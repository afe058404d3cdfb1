import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import { expect, test } from "vitest";
import { accountWith, saying } from "./simulated-account.ts";

const weather = {
  type: "function" as const,
  function: {
    name: "get_current_weather",
    parameters: {
      type: "object",
      properties: {
        location: { type: "string" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"] },
        days: { type: "integer", minimum: 1 },
      },
      required: ["location", "unit", "days"],
    },
  },
};

const add = {
  type: "function" as const,
  function: {
    name: "addNumbers",
    parameters: {
      type: "object",
      properties: { a: { type: "number" }, b: { type: "number" } },
      required: ["a", "b"],
    },
  },
};

const tools = [weather, add];

async function choiceFor(request: Omit<ChatCompletionCreateParamsNonStreaming, "model">) {
  const answer = await accountWith().openai.chat.completions.create({
    model: "gpt-4o",
    ...request,
  });
  const [choice] = answer.choices;
  const [call] = choice?.message.tool_calls ?? [];
  const called = call?.type === "function" ? call.function : undefined;
  const given: unknown = called === undefined ? undefined : JSON.parse(called.arguments);
  return { choice, call, name: called?.name, given, usage: answer.usage };
}

test("a message that asks for what a tool is named after is answered with a call", async () => {
  const { choice, call, name, given, usage } = await choiceFor({
    messages: saying("What is the weather in New York for 3 days, in fahrenheit?").messages,
    tools,
  });
  expect(name).toBe("get_current_weather");
  expect(given).toEqual({ location: "New York", unit: "fahrenheit", days: 3 });
  expect(call?.id).toMatch(/^call_\w{24}$/);
  expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
  expect(usage?.completion_tokens).toBeGreaterThan(0);
});

test("numbers go to the arguments in their order", async () => {
  const { name, given } = await choiceFor({
    messages: saying("Please use addNumbers with 17 and 25").messages,
    tools,
  });
  expect(name).toBe("addNumbers");
  expect(given).toEqual({ a: 17, b: 25 });
});

test("a message about something else is answered in words", async () => {
  const { choice, name } = await choiceFor({ messages: saying("hello").messages, tools });
  expect(name).toBeUndefined();
  expect(choice?.message.content).toMatch(/^(Hello|Hi)!/);
});

test("required calls a tool whatever was said", async () => {
  const { name, choice } = await choiceFor({
    messages: saying("hello").messages,
    tools,
    tool_choice: "required",
  });
  expect(name).toBe("get_current_weather");
  expect(choice?.finish_reason).toBe("tool_calls");
});

test("a named tool is called, and finishes with stop, as OpenAI's does", async () => {
  const { name, choice } = await choiceFor({
    messages: saying("What is the weather?").messages,
    tools,
    tool_choice: { type: "function", function: { name: "addNumbers" } },
  });
  expect(name).toBe("addNumbers");
  expect(choice?.finish_reason).toBe("stop");
});

test("none calls no tool", async () => {
  const { name } = await choiceFor({
    messages: saying("What is the weather in Rome?").messages,
    tools,
    tool_choice: "none",
  });
  expect(name).toBeUndefined();
});

test("after a tool's result the answer is made of it", async () => {
  const { choice } = await choiceFor({
    messages: [
      { role: "user", content: "What is the weather in Rome?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "call_1",
            type: "function",
            function: { name: "get_current_weather", arguments: "{}" },
          },
          { id: "call_2", type: "function", function: { name: "addNumbers", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "call_1", content: '{"celsius":18,"sky":"clear"}' },
      { role: "tool", tool_call_id: "call_2", content: "42" },
    ],
    tools,
  });
  expect(choice?.message.content).toContain(
    "According to get_current_weather: celsius: 18, sky: clear.",
  );
  expect(choice?.message.content).toContain("According to addNumbers: 42.");
  expect(choice?.finish_reason).toBe("stop");
});

test("the official client's tool runner goes round and comes to an end", async () => {
  const seen: string[] = [];
  const runner = accountWith().openai.chat.completions.runTools({
    model: "gpt-4o",
    messages: [{ role: "user", content: "What's the weather in Oslo?" }],
    tools: [
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "The weather of a city",
          parameters: {
            type: "object",
            properties: { city: { type: "string" } },
            required: ["city"],
          },
          function: (input: string) => {
            seen.push(input);
            return "4 degrees and raining";
          },
        },
      },
    ],
  });
  expect(await runner.finalContent()).toContain("4 degrees and raining");
  expect(seen).toEqual(['{"city":"Oslo"}']);
});

test("a streamed call comes in pieces that add up to it", async () => {
  const { openai } = accountWith();
  const request = { ...saying("What is the weather in Rome?", "gpt-4o"), tools };
  const stream = openai.chat.completions.stream(request);
  const streamed = (await stream.finalChatCompletion()).choices[0];
  const whole = (await openai.chat.completions.create(request)).choices[0];
  const functionOf = (choice: typeof whole) => {
    const call = choice?.message.tool_calls?.[0];
    return call?.type === "function" ? call.function : undefined;
  };
  expect(functionOf(streamed)).toMatchObject(functionOf(whole) ?? {});
  expect(functionOf(whole)?.name).toBe("get_current_weather");
  expect(streamed?.finish_reason).toBe("tool_calls");
});

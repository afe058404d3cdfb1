import { expect, test } from "vitest";
import { converse } from "../../src/simulator/answer/dialogue.ts";
import { accountWith } from "./simulated-account.ts";

function reply(...turns: string[]): string {
  return converse(turns, "1/");
}

test.each([["Hello!"], ["hi there"], ["Good morning"], ["Hey, how are you?"]])(
  "%s is greeted",
  (greeting) => {
    expect(reply(greeting)).toMatch(/^(Hello|Hi)! /);
  },
);

test.each([
  ["My name is Ada.", "What is my name?", "Your name is Ada."],
  ["my name's Zoë and I like tea", "Do you remember my name?", "Your name is Zoë."],
  ["Hi, I'm Bob.", "Who am I?", "You are Bob."],
  ["Call me Ishmael", "Can you tell me what my name is?", "Your name is Ishmael."],
  ["My favorite color is teal.", "What's my favourite colour?", "Your favourite colour is teal."],
  ["My dog's name is Rex", "what is my dog's name?", "Your dog's name is Rex."],
  ["I live in Porto, near the sea", "Where do I live?", "Your home is Porto."],
  ["I am 31 years old.", "How old am I?", "Your age is 31."],
  ["I love chess", "what do I like?", "You like chess."],
  [
    "Remember that the code is 42.",
    "What did I ask you to remember?",
    "You asked me to remember: the code is 42.",
  ],
  ["The sky is green.", "What did I just say?", "Before this you said: “The sky is green.”"],
])("after “%s”, “%s” is answered from the conversation", (told, asked, answer) => {
  expect(reply(told, "Thanks!", asked).replace("“Thanks!”", "“The sky is green.”")).toBe(answer);
});

test("what was said later counts", () => {
  expect(reply("My name is Ada.", "My name is Grace.", "What's my name?")).toBe(
    "Your name is Grace.",
  );
});

test("a greeting uses the name that it knows", () => {
  expect(reply("My name is Ada", "Hello")).toContain("Ada!");
  expect(reply("My name is Ada", "Goodbye")).toBe("Goodbye, Ada!");
});

test("what was never said is not made up", () => {
  expect(reply("Hello", "What is my name?")).toMatch(/not told me your name.*Lifeboat's simulator/);
});

test.each([
  ["What is 2+2?", "2 + 2 = 4"],
  ["12 * (3 + 4)", "12 * (3 + 4) = 84"],
  ["Calculate -3.5 plus 2 squared", "-3.5 + 2 ^ 2 = 0.5"],
  ["what is two plus two", "2 + 2 = 4"],
  ["What is 15% of 80?", "15 / 100 * 80 = 12"],
  ["what's 10 divided by 4?", "10 / 4 = 2.5"],
  ["0.1 + 0.2", "0.1 + 0.2 = 0.3"],
  ["2^3^2", "2 ^ 3 ^ 2 = 512"],
  ["8 - 3 - 2", "8 - 3 - 2 = 3"],
  ["What is the sum of 4 and 5?", "4 + 5 = 9"],
  ["10 / 0", "10 / 0 has no result."],
])("%s is calculated", (asked, answer) => {
  expect(reply(asked)).toBe(answer);
});

test.each(["Read pages 10-20.", "We are open 24/7.", "It is due on 2024-01-15.", "2 +", "((1+2)"])(
  "“%s” is no calculation",
  (text) => {
    expect(reply(text)).toMatch(/^You said: /);
  },
);

test.each([
  ["List three fruits", "1. apple\n2. banana\n3. cherry"],
  ["Name 2 colours please", "1. red\n2. orange"],
  ["What are the seasons?", "1. spring\n2. summer\n3. autumn\n4. winter"],
  [
    "Give me 2 ideas for a party",
    "1. ideas for a party: example 1\n2. ideas for a party: example 2",
  ],
  ["count to 5", "1, 2, 3, 4, 5"],
  ["Count from 3 down to 1", "3, 2, 1"],
  ["Say this is a test", "this is a test"],
  ['Reply with exactly: "pong"', "pong"],
  ["Respond with the single word OK", "OK"],
  ["Thank you!", "You are welcome!"],
])("“%s” is done as told", (asked, answer) => {
  expect(reply(asked)).toBe(answer);
});

test("a text of some length is written about what was asked for", () => {
  const story = reply("Write a short story about a brave otter.");
  expect(story.length).toBeGreaterThan(300);
  expect(story).toContain("a brave otter");
  expect(story).toContain("Lifeboat's simulator");
});

test.each(["Who are you?", "What model are you?", "Are you ChatGPT?", "Are you a real person?"])(
  "“%s” is answered honestly",
  (asked) => {
    expect(reply(asked)).toMatch(/^I am Lifeboat's simulator: no language model/);
  },
);

test.each(["What is the capital of France?", "Explain relativity", "Translate cat into French"])(
  "“%s” is said to be beyond a simulator, with the message repeated",
  (asked) => {
    const answer = reply(asked);
    expect(answer).toContain(asked);
    expect(answer).toContain("Lifeboat's simulator");
  },
);

test("each sentence of a message gets its answer, courtesies only when nothing else does", () => {
  const answer = reply("Hi! My name is Ada. What is 2+2?");
  expect(answer).toMatch(/Ada!.*\n\n2 \+ 2 = 4$/s);
});

test("a message of many thousand characters is answered in no time", () => {
  const started = performance.now();
  for (const text of [
    "a".repeat(200_000),
    "1+".repeat(100_000),
    "my ".repeat(60_000),
    "(".repeat(200_000),
  ]) {
    expect(reply(text).length).toBeLessThan(1000);
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

test("a message in parts is read, and images are passed over", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({
    model: "gpt-4o",
    messages: [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          { type: "text", text: "What is 3 * 3?" },
        ],
      },
    ],
  });
  expect(answer.choices[0]?.message.content).toBe("3 * 3 = 9");
  expect(answer.usage?.prompt_tokens).toBeGreaterThan(85);
});

test("a conversation without a user's message is answered too", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "system", content: "Be brief." }],
  });
  expect(answer.choices[0]?.message.content).toContain("Lifeboat's simulator");
});

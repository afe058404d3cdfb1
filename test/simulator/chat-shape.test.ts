import { NotFoundError } from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { expect, test } from "vitest";
import { accountWith, base, clientOf, saying } from "./simulated-account.ts";

async function collect(stream: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const chunks: ChatCompletionChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

function textOf(chunks: readonly ChatCompletionChunk[], index = 0): string {
  return chunks
    .flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
    .map(({ delta }) => delta.content ?? "")
    .join("");
}

test("an answer has OpenAI's shape and headers", async () => {
  const account = accountWith({ firstTokenMs: 250 });
  const { data, response, request_id } = await account.openai.chat.completions
    .create(saying("hello", "gpt-4o-2024-08-06"))
    .withResponse();

  expect(data).toMatchObject({
    object: "chat.completion",
    model: "gpt-4o-2024-08-06",
    choices: [
      {
        index: 0,
        finish_reason: "stop",
        logprobs: null,
        message: { role: "assistant", refusal: null },
      },
    ],
  });
  expect(data.id).toMatch(/^chatcmpl-\w{29}$/);
  expect(Math.abs(data.created - account.time.ms / 1000)).toBeLessThan(2);
  const { usage } = data;
  expect(usage?.prompt_tokens).toBeGreaterThan(0);
  expect(usage?.completion_tokens).toBeGreaterThan(0);
  expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  expect(request_id).toMatch(/^req_\w{32}$/);
  expect(response.headers.get("openai-version")).toBe("2020-10-01");
  expect(response.headers.get("openai-organization")).toBe("org-simulated-school");
  expect(Number(response.headers.get("openai-processing-ms"))).toBeGreaterThanOrEqual(250);
});

test("a stream is the role, the text in pieces, the finish, and the same text as the whole answer", async () => {
  const { openai } = accountWith();
  const whole = await openai.chat.completions.create(saying("count to 12"));
  const chunks = await collect(
    await openai.chat.completions.create({ ...saying("count to 12"), stream: true }),
  );

  expect(chunks[0]?.choices[0]?.delta).toEqual({ role: "assistant", content: "", refusal: null });
  expect(textOf(chunks)).toBe(whole.choices[0]?.message.content);
  expect(chunks.filter(({ choices }) => choices[0]?.delta.content).length).toBeGreaterThan(12);
  expect(chunks.at(-1)?.choices[0]).toMatchObject({ delta: {}, finish_reason: "stop" });
  expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  expect(chunks.some((chunk) => "usage" in chunk)).toBe(false);
});

test("a stream's usage comes last, with no choices, and only when asked for", async () => {
  const { openai } = accountWith();
  const whole = await openai.chat.completions.create(saying("hello"));
  const stream = await openai.chat.completions.create({
    ...saying("hello"),
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await collect(stream);
  expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage });
  expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
});

test("a stream ends with [DONE] and each event with a blank line", async () => {
  const response = await accountWith().post({ ...saying("hello"), stream: true });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const events = (await response.text()).split("\n\n");
  expect(events.pop()).toBe("");
  expect(events.at(-1)).toBe("data: [DONE]");
  expect(events.every((event) => event.startsWith("data: "))).toBe(true);
});

test("n choices are all answered, streamed or not", async () => {
  const { openai } = accountWith();
  const whole = await openai.chat.completions.create({ ...saying("hello"), n: 3 });
  expect(whole.choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  const chunks = await collect(
    await openai.chat.completions.create({ ...saying("hello"), n: 3, stream: true }),
  );
  for (const { index, message } of whole.choices) {
    expect(textOf(chunks, index)).toBe(message.content);
  }
});

test("the same request and seed give the same text; another seed may word it otherwise", async () => {
  const ask = async (settings: object) => {
    const { openai } = accountWith({ ...settings });
    const answer = await openai.chat.completions.create(saying("hello"));
    return answer.choices[0]?.message.content;
  };
  expect(await ask({ seed: 7 })).toBe(await ask({ seed: 7 }));
  const wordings = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((seed) => ask({ seed })));
  expect(new Set(wordings).size).toBeGreaterThan(1);
});

test("max_tokens cuts the text off and says length", async () => {
  const { openai } = accountWith();
  const full = await openai.chat.completions.create(saying("count to 50"));
  for (const limit of [{ max_tokens: 5 }, { max_completion_tokens: 5 }]) {
    const answer = await openai.chat.completions.create({ ...saying("count to 50"), ...limit });
    const [choice] = answer.choices;
    expect(choice?.finish_reason).toBe("length");
    expect(answer.usage?.completion_tokens).toBe(5);
    expect(full.choices[0]?.message.content?.startsWith(choice?.message.content ?? "?")).toBe(true);
  }
});

test("an answer that fits max_tokens is not cut", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({ ...saying("say yes"), max_tokens: 1 });
  expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "yes" } });
});

test.each([
  ["4", "1, 2, 3, "],
  [["9", ", 3"], "1, 2"],
  [["zzz"], "1, 2, 3, 4, 5, 6, 7, 8, 9"],
])("stop %j ends the text before it", async (stop, text) => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create({ ...saying("count to 9"), stop });
  expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: text } });
});

test("any model name is answered, and echoed", async () => {
  const { openai } = accountWith();
  const answer = await openai.chat.completions.create(saying("hello", "acme/very-new-1"));
  expect(answer.model).toBe("acme/very-new-1");
});

test("the models are listed, one by one or all", async () => {
  const { openai } = accountWith();
  const { data } = await openai.models.list();
  const ids = data.map(({ id }) => id);
  expect(ids).toEqual(expect.arrayContaining(["gpt-4o-mini", "echo", "quota-exhausted", "down"]));
  expect(await openai.models.retrieve("gpt-4o")).toMatchObject({ id: "gpt-4o", object: "model" });
  await expect(openai.models.retrieve("nothing")).rejects.toMatchObject({
    status: 404,
    code: "model_not_found",
  });
});

test("another path is OpenAI's 404", async () => {
  const { openai } = accountWith();
  const error: unknown = await openai.embeddings
    .create({ model: "text-embedding-3-small", input: "x" })
    .catch((e) => e);
  expect(error).toBeInstanceOf(NotFoundError);
  expect(String(error)).toContain("Invalid URL (POST /v1/embeddings)");
});

test("an account that is not configured cannot be reached", async () => {
  const { simulator } = accountWith();
  await expect(simulator.fetch("http://simulator.invalid/other/v1/models", {})).rejects.toThrow(
    'no account "other"',
  );
  simulator.configure({ other: {} });
  expect((await clientOf(simulator, "other").models.list()).data.length).toBeGreaterThan(0);
  await expect(simulator.fetch(`${base}/models`, {})).rejects.toThrow('no account "school"');
});

test("a body sent as bytes or as a stream is read as well as a string", async () => {
  const account = accountWith();
  const bytes = new TextEncoder().encode(JSON.stringify(saying("say yes")));
  const fromBytes = await account.post("", { body: bytes });
  const fromStream = await account.post("", { body: new Blob([bytes]).stream() });
  for (const response of [fromBytes, fromStream]) {
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "yes" } }] });
  }
});

import { describe, expect, test } from "vitest";
import { workersAi } from "../../providers/workers-ai/index.ts";
import type { AiBinding } from "../../providers/workers-ai/binding.ts";
import type { ProviderAnswer } from "../../src/contract/provider.ts";

interface Run {
  readonly model: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** A binding that answers as the runtime's does: a raw response, or an error with a number in front. */
function bound(answer: () => Response) {
  const runs: Run[] = [];
  const binding: AiBinding = {
    run: async (model, inputs) => {
      runs.push({ model, inputs });
      return answer();
    },
  };
  const settings = { name: "ai", baseUrl: "", apiKey: null, headers: {}, binding };
  return { runs, provider: workersAi.connect(settings) };
}

function ask(provider: ReturnType<typeof bound>["provider"], stream: boolean) {
  const messages = [{ role: "user", content: "hi" }];
  return provider.call({
    promptTokens: () => 1,
    model: "@cf/meta/llama-3.1-8b-instruct",
    request: Object.freeze({ model: "chat", messages, max_tokens: 9 }),
    stream,
    signal: new AbortController().signal,
    fetch: () => Promise.reject(new Error("nothing goes over the network")),
    clock: { now: () => 0 },
  });
}

async function documentOf(answer: ProviderAnswer): Promise<unknown> {
  if (!answer.ok || answer.output.form !== "json") throw new Error(JSON.stringify(answer));
  return JSON.parse(await answer.output.read());
}

async function eventsOf(answer: ProviderAnswer): Promise<readonly string[]> {
  if (!answer.ok || answer.output.form !== "sse") throw new Error(JSON.stringify(answer));
  const text = await new Response(answer.output.body).text();
  return text
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event) => event.replace("data: ", ""));
}

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

describe("the binding", () => {
  test("is asked with the request's fields, without a key or an address", async () => {
    const { provider, runs } = bound(() => Response.json({ response: "Hello", usage }));
    const answer = await documentOf(await ask(provider, false));
    expect(answer).toMatchObject({
      choices: [{ message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
      usage,
    });
    expect(runs[0]?.model).toBe("@cf/meta/llama-3.1-8b-instruct");
    expect(runs[0]?.inputs).toMatchObject({ max_tokens: 9, stream: false });
    expect(runs[0]?.inputs).not.toHaveProperty("model");
  });

  test("answers in OpenAI's shape are left as they are", async () => {
    const completion = { id: "c", choices: [{ index: 0, message: { content: "Hi" } }] };
    const { provider } = bound(() => Response.json(completion));
    expect(await documentOf(await ask(provider, false))).toEqual(completion);
    const wrapped = bound(() => Response.json({ result: completion, success: true }));
    expect(await documentOf(await ask(wrapped.provider, false))).toEqual(completion);
  });

  test("an older model's tool calls become OpenAI's", async () => {
    const tool_calls = [{ name: "weather", arguments: { city: "Rome" } }];
    const { provider } = bound(() => Response.json({ response: null, tool_calls }));
    expect(await documentOf(await ask(provider, false))).toMatchObject({
      choices: [
        {
          finish_reason: "tool_calls",
          message: {
            content: null,
            tool_calls: [{ function: { name: "weather", arguments: '{"city":"Rome"}' } }],
          },
        },
      ],
    });
  });

  test("an older model's stream becomes OpenAI's, with an end", async () => {
    const pieces = [
      '{"response":"Hel"}',
      '{"response":"lo"}',
      `{"response":"","usage":${JSON.stringify(usage)}}`,
    ];
    const body = [...pieces, "[DONE]"].map((piece) => `data: ${piece}\n\n`).join("");
    const headers = { "content-type": "text/event-stream" };
    const { provider } = bound(() => new Response(body, { headers }));
    const events = await eventsOf(await ask(provider, true));
    expect(events.at(-1)).toBe("[DONE]");
    expect(events.slice(0, -1).map((event) => JSON.parse(event))).toMatchObject([
      { choices: [{ delta: { content: "Hel" }, finish_reason: null }] },
      { choices: [{ delta: { content: "lo" } }] },
      { choices: [{ delta: {}, finish_reason: "stop" }] },
      { choices: [], usage },
    ]);
  });

  test.each([
    ["4006: you have used up your daily free allocation of 10,000 neurons", "quota_exhausted"],
    ["3040: Capacity temporarily exceeded, please try again.", "overloaded"],
    ["5007: No such model @cf/nope or task", "model_not_found"],
    ["3046: Request timeout", "timeout"],
    ["Network connection lost.", "server_error"],
  ])("%s", async (message, failureClass) => {
    const { provider } = bound(() => {
      throw new Error(message);
    });
    expect(await ask(provider, false)).toMatchObject({
      ok: false,
      failure: { class: failureClass, failsOver: true },
    });
  });
});

test("without a binding it is the REST API", async () => {
  const urls: string[] = [];
  const provider = workersAi.connect({
    name: "ai",
    baseUrl: "https://api.cloudflare.com/client/v4/accounts/a/ai/v1",
    apiKey: "k",
    headers: {},
  });
  const request = { model: "chat", messages: [] };
  const fetch = async (url: string) => {
    urls.push(url);
    return Response.json({});
  };
  const signal = new AbortController().signal;
  await provider.call({
    promptTokens: () => 1,
    model: "m",
    request,
    stream: false,
    signal,
    fetch,
    clock: { now: () => 0 },
  });
  expect(urls).toEqual(["https://api.cloudflare.com/client/v4/accounts/a/ai/v1/chat/completions"]);
});

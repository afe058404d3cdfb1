import OpenAI, { APIError, AuthenticationError, RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAiQuota } from "../loopback/upstream.ts";
import { startOutside, upstreamKey, type Outside } from "./outside.ts";
import { appKey, eventually } from "./start-router.ts";

let outside: Outside;
let client: OpenAI;

beforeAll(async () => {
  outside = await startOutside();
  client = clientWith({ maxRetries: 0 });
});

afterAll(() => outside?.close());

function clientWith(options: { maxRetries?: number; apiKey?: string }): OpenAI {
  return new OpenAI({ baseURL: `${outside.router.url}/v1`, apiKey: appKey, ...options });
}

const words = "a secret prompt about lifeboats";
const ask = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: words }] };

async function streamed(from: OpenAI = client) {
  const options = { stream: true, stream_options: { include_usage: true } } as const;
  const { data, response } = await from.chat.completions
    .create({ ...ask, ...options })
    .withResponse();
  const chunks = [];
  for await (const chunk of data) chunks.push(chunk);
  return {
    text: chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join(""),
    finish: chunks.flatMap(({ choices }) => choices[0]?.finish_reason ?? []),
    models: new Set(chunks.map(({ model }) => model)),
    usage: chunks.flatMap(({ usage }) => usage ?? []),
    headers: response.headers,
  };
}

describe.each([
  ["without retries of its own", { maxRetries: 0 }],
  ["with the retries it comes with", {}],
])("the official openai client, %s", (_name, options) => {
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

  it("is served by an OpenAI-compatible upstream, streaming and not", async () => {
    const { up, candidate } = await outside.freshRoute();
    const app = clientWith(options);
    const { data: whole, response } = await app.chat.completions.create(ask).withResponse();
    expect(whole).toMatchObject({
      model: "gpt-4o-mini",
      choices: [{ message: { content: "Hello from upstream" }, finish_reason: "stop" }],
      usage,
    });
    const stream = await streamed(app);
    expect(stream).toMatchObject({
      text: "Hello from upstream",
      finish: ["stop"],
      models: new Set(["gpt-4o-mini"]),
      usage: [usage],
    });
    for (const headers of [response.headers, stream.headers]) {
      expect(headers.get("x-lifeboat-candidate")).toBe(candidate);
      expect(headers.get("x-lifeboat-attempts")).toBe("1");
      expect(headers.get("x-lifeboat-failover")).toBeNull();
      expect(headers.get("x-lifeboat-cache")).toBe("off");
    }
    const calls = await up.calls();
    expect(calls.map(({ headers }) => headers["authorization"])).toEqual([
      `Bearer ${upstreamKey}`,
      `Bearer ${upstreamKey}`,
    ]);
  });

  it("is served by Ollama when the upstream's quota is exhausted", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script(openAiQuota);
    const { data, response } = await clientWith(options)
      .chat.completions.create(ask)
      .withResponse();
    expect(data).toMatchObject({
      model: "llama3.2",
      choices: [{ message: { content: words }, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 },
    });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "x-lifeboat-candidate": "ollama/llama3.2",
      "x-lifeboat-attempts": "2",
      "x-lifeboat-failover": "quota_exhausted",
    });
    const [sent] = await up.calls();
    expect(sent?.body).toMatchObject(ask);
    expect(
      await outside.router.decision(response.headers.get("x-lifeboat-decision")),
    ).toMatchObject({
      route: "gpt-4o-mini",
      stream: false,
      outcome: "served",
      status: 200,
      candidate: "ollama/llama3.2",
      failover: "quota_exhausted",
      tokensIn: 5,
      tokensOut: 5,
      attempts: [
        {
          n: 1,
          candidate,
          outcome: "quota_exhausted",
          status: 429,
          code: "insufficient_quota",
          circuitBefore: "closed",
          circuitAfter: "open",
        },
        { n: 2, candidate: "ollama/llama3.2", outcome: "ok" },
      ],
    });
  });

  it("streams from Ollama when the upstream's quota is exhausted", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script(openAiQuota);
    const app = clientWith(options);
    const first = await streamed(app);
    expect(first).toMatchObject({
      text: words,
      finish: ["stop"],
      models: new Set(["llama3.2"]),
      usage: [{ prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 }],
    });
    expect(first.headers.get("x-lifeboat-attempts")).toBe("2");
    expect(first.headers.get("x-lifeboat-failover")).toBe("quota_exhausted");

    const second = await streamed(app);
    expect(second.text).toBe(words);
    expect(second.headers.get("x-lifeboat-attempts")).toBe("1");
    expect(second.headers.get("x-lifeboat-failover")).toBe("circuit_open");
    expect(await up.calls()).toHaveLength(1);
    const decision = await outside.router.decision(second.headers.get("x-lifeboat-decision"));
    expect(decision).toMatchObject({
      stream: true,
      outcome: "served",
      skipped: [{ candidate, reason: "circuit_open", detail: "quota_exhausted" }],
    });
    const inSeconds = ((decision.skipped[0]?.until ?? 0) - Date.now()) / 1000;
    expect(inSeconds).toBeGreaterThan(600);
  });

  it("lists the routes and the candidates as models", async () => {
    const { candidate } = await outside.freshRoute();
    const app = clientWith(options);
    const ids = (await app.models.list()).data.map(({ id }) => id);
    expect(ids).toEqual(["gpt-4o-mini", candidate, "ollama/llama3.2"]);
    expect((await app.models.retrieve("ollama/llama3.2")).id).toBe("ollama/llama3.2");
  });
});

describe("the official openai client", () => {
  it("raises the right errors: a wrong key, a wrong request, a broken stream", async () => {
    const { up } = await outside.freshRoute();
    const stranger = clientWith({ apiKey: "nobody", maxRetries: 0 });
    await expect(stranger.chat.completions.create(ask)).rejects.toBeInstanceOf(AuthenticationError);
    await expect(client.chat.completions.create({ ...ask, messages: [] })).rejects.toMatchObject({
      status: 400,
      param: "messages",
    });
    await up.script({ do: "cut", after: 2 });
    await expect(streamed()).rejects.toBeInstanceOf(APIError);
  });

  it("does not retry where it cannot help: an exhausted quota is asked for once", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script(openAiQuota);
    const alone = clientWith({}).chat.completions.create({ ...ask, model: candidate });
    await expect(alone).rejects.toBeInstanceOf(RateLimitError);
    expect(await up.calls()).toHaveLength(1);
    const from = (route: string): Promise<Response> =>
      outside.router.admin(`/decisions?route=${encodeURIComponent(route)}`);
    const listed = await eventually(async () => {
      const { decisions } = await (await from(candidate)).json<{ decisions: unknown[] }>();
      return decisions.length > 0 ? decisions : undefined;
    });
    expect(listed).toMatchObject([{ outcome: "failed", status: 429, failover: "quota_exhausted" }]);
  });
});

it("no key, prompt or answer is in what the router prints", async () => {
  const { up } = await outside.freshRoute();
  await up.script({ do: "error", status: 500, body: { error: { message: `${words} failed` } } });
  await client.chat.completions.create(ask);
  await outside.router.post({ ...ask, messages: words });
  const printed = await eventually(async () => {
    const output = outside.router.output();
    return output.includes("400 Bad Request") ? output : undefined;
  });
  expect(printed).toContain("POST /v1/chat/completions 200 OK");
  expect(printed).not.toContain(words);
  expect(printed).not.toContain("Hello from upstream");
  expect(printed).not.toContain(upstreamKey);
  expect(printed).not.toMatch(/^\s+at /m);
});

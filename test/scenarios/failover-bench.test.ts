import OpenAI, { APIError, BadRequestError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Behaviour, Call } from "../loopback/behaviour.ts";
import { startUpstreams } from "../loopback/openai-server.ts";
import { rateLimited, Upstream } from "../loopback/upstream.ts";
import { appKey, pause, startRouter, type RunningRouter } from "./start-router.ts";

/**
 * The sixteen scenarios of Failover Bench (github.com/failoverbench/failoverbench, methodology
 * v0.1), rebuilt from their description. Where a scenario only waits, its clock runs ten times
 * faster here (S15: five times), and so do the settings: `scaled` marks every such duration.
 */
const scaled = (ms: number): number => ms / 10;

const primaryText = Array.from({ length: 60 }, (_, n) => `p${n}`).join(" ");
const fallbackText = Array.from({ length: 60 }, (_, n) => `f${n}`).join(" ");

let router: RunningRouter;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
let client: OpenAI;

beforeAll(async () => {
  upstreams = await startUpstreams();
  router = await startRouter();
  client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: appKey, maxRetries: 0 });
});

afterAll(async () => {
  await router?.stop();
  await upstreams?.close();
});

interface Bench {
  readonly primary: Behaviour;
  /** What the primary does on its first calls. */
  readonly first?: readonly Behaviour[];
  readonly fallback?: Behaviour;
  readonly settings?: object;
  readonly fallbackSettings?: object;
}

interface Stage {
  readonly model: string;
  readonly primary: Upstream;
  readonly fallback: Upstream;
}

let stages = 0;

async function stage({
  primary,
  first = [],
  fallback,
  settings,
  fallbackSettings,
}: Bench): Promise<Stage> {
  stages += 1;
  const model = `bench-${stages}`;
  const up = new Upstream(upstreams.url, `primary-${stages}`);
  const other = new Upstream(upstreams.url, `fallback-${stages}`);
  await up.script({ text: primaryText, ...primary }, first);
  await other.script({ text: fallbackText, ...(fallback ?? { do: "answer" }) });
  await router.putConfig({
    providers: {
      [`primary-${stages}`]: { kind: "openai-compatible", baseUrl: up.baseUrl },
      [`fallback-${stages}`]: { kind: "openai-compatible", baseUrl: other.baseUrl },
    },
    routes: {
      [model]: {
        candidates: [
          `primary-${stages}/primary`,
          { use: `fallback-${stages}/fallback`, ...fallbackSettings },
        ],
        ...settings,
      },
    },
  });
  return { model, primary: up, fallback: other };
}

interface Outcome {
  readonly text: string;
  readonly model: string | null;
  readonly usage: number | null;
  readonly finish: string | null;
  readonly error: APIError | null;
  readonly ms: number;
  readonly calls: readonly Call[];
}

async function play(bench: Bench, { stream = true } = {}): Promise<Outcome> {
  const { model, primary } = await stage(bench);
  const began = Date.now();
  const answer = await (stream ? streamed(model) : whole(model));
  return { ...answer, ms: Date.now() - began, calls: await primary.calls() };
}

type Answer = Omit<Outcome, "ms" | "calls">;
const messages = [{ role: "user" as const, content: "count" }];

async function streamed(model: string): Promise<Answer> {
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  let error: APIError | null = null;
  try {
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const asked = client.chat.completions.create({ model, messages, ...options });
    for await (const chunk of await asked) chunks.push(chunk);
  } catch (raised) {
    if (!(raised instanceof APIError)) throw raised;
    error = raised;
  }
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map(({ delta }) => delta.content ?? "").join(""),
    model: chunks.at(-1)?.model ?? null,
    usage: chunks.findLast(({ usage }) => usage)?.usage?.total_tokens ?? null,
    finish: choices.findLast(({ finish_reason }) => finish_reason)?.finish_reason ?? null,
    error,
  };
}

async function whole(model: string): Promise<Answer> {
  try {
    const { choices, model: by, usage } = await client.chat.completions.create({ model, messages });
    const text = choices[0]?.message.content ?? "";
    const finish = choices[0]?.finish_reason ?? null;
    return { text, model: by, usage: usage?.total_tokens ?? null, finish, error: null };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { text: "", model: null, usage: null, finish: null, error };
  }
}

const byFallback = { text: fallbackText, model: "fallback", finish: "stop", error: null };
const byPrimary = { text: primaryText, model: "primary", finish: "stop", error: null };

const unavailable: Behaviour = {
  do: "error",
  status: 503,
  body: { error: { message: "Service Unavailable", type: "server_error" } },
};
const slowClocks = {
  headersMs: scaled(30_000),
  firstTokenMs: scaled(10_000),
  idleMs: scaled(10_000),
};

describe("Failover Bench", () => {
  it("S01: a 429 that says 2 s, once: it is waited for, and the primary answers", async () => {
    const outcome = await play({ primary: { do: "answer" }, first: [rateLimited(2)] });
    expect(outcome).toMatchObject(byPrimary);
    const [first, second] = outcome.calls;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_800);
  });

  it("S03: a 500, once: asked once more before anybody else", async () => {
    const first: Behaviour[] = [{ do: "error", status: 500, body: { error: { message: "oops" } } }];
    const outcome = await play({ primary: { do: "answer" }, first });
    expect(outcome).toMatchObject(byPrimary);
    expect(outcome.calls).toHaveLength(2);
  });

  it("S02: a 429 without a header that stays: few calls, then the fallback", async () => {
    const body = { error: { message: "Rate limit reached", type: "requests" } };
    const outcome = await play({ primary: { do: "error", status: 429, body } });
    expect(outcome).toMatchObject(byFallback);
    expect(outcome.calls.length).toBeLessThanOrEqual(4);
  });

  it.each([
    ["S04: a 503 that stays, streaming", true],
    ["S16: a 503 that stays, in one piece", false],
  ])("%s: the model and the usage are those of the one that answered", async (_name, stream) => {
    const outcome = await play({ primary: unavailable }, { stream });
    expect(outcome).toMatchObject({ ...byFallback, usage: 10 });
  });

  it("S05: a reset before headers", async () => {
    expect(await play({ primary: { do: "reset" } })).toMatchObject(byFallback);
  });

  it("S06: an upstream that never answers is asked once, and given up by the headers clock", async () => {
    const settings = { timeouts: slowClocks };
    const outcome = await play({ primary: { do: "silent" }, settings });
    expect(outcome).toMatchObject(byFallback);
    expect(outcome.calls).toHaveLength(1);
    expect(outcome.ms).toBeLessThan(scaled(100_000));
  });

  it("S07: a first token after 20 s", async () => {
    const settings = { timeouts: slowClocks };
    const primary: Behaviour = { do: "stall", after: 0, ms: scaled(20_000) };
    const outcome = await play({ primary, settings });
    expect(outcome).toMatchObject(byFallback);
    expect(outcome.ms).toBeLessThan(scaled(15_000) + 1_000);
  });

  it.each([
    ["buffered", { commit: "buffered" }, byFallback],
    ["held for 60 tokens", { commit: { heldTokens: 60 } }, byFallback],
  ])("S08: a cut after 40 of 60 tokens, %s", async (_name, settings, expected) => {
    expect(await play({ primary: { do: "cut", after: 41 }, settings })).toMatchObject(expected);
  });

  it("S08: a cut after 40 of 60 tokens, gone on from by the fallback", async () => {
    const outcome = await play({
      primary: { do: "cut", after: 41 },
      fallback: { do: "answer", text: primaryText },
      settings: { onBreak: "continue" },
      fallbackSettings: { assistantPrefix: true },
    });
    expect(outcome).toMatchObject({ ...byPrimary, model: "fallback" });
  });

  it("S08: a cut after 40 of 60 tokens, with no setting at all, is an error that the SDK raises", async () => {
    const outcome = await play({ primary: { do: "cut", after: 41 } });
    expect(outcome.error).toBeInstanceOf(APIError);
    expect(primaryText.startsWith(outcome.text.trim())).toBe(true);
  });

  it("S09: a stall of 30 s after 20 tokens", async () => {
    const settings = { timeouts: slowClocks, commit: "buffered" };
    const primary: Behaviour = { do: "stall", after: 21, ms: scaled(30_000) };
    const outcome = await play({ primary, settings });
    expect(outcome).toMatchObject(byFallback);
    expect(outcome.ms).toBeLessThan(scaled(45_000));
  });

  it("S10: a malformed chunk is left out and the answer completed", async () => {
    expect(await play({ primary: { do: "garbage-event", after: 10 } })).toMatchObject(byPrimary);
  });

  it("S11: no [DONE] is no reason to wait, and the usage is kept", async () => {
    const outcome = await play({ primary: { do: "no-done" } });
    expect(outcome).toMatchObject({ ...byPrimary, usage: 10 });
    expect(outcome.ms).toBeLessThan(8_000);
  });

  it("S12: a prompt too long for the first model goes to the other one, at once", async () => {
    const message = "This model's maximum context length is 8192 tokens.";
    const error = { message, type: "invalid_request_error", code: "context_length_exceeded" };
    const outcome = await play({ primary: { do: "error", status: 400, body: { error } } });
    expect(outcome).toMatchObject(byFallback);
    expect(outcome.calls).toHaveLength(1);
  });

  it("S13: a content filter's refusal is passed on, and nobody else is asked", async () => {
    const message =
      "The response was filtered due to the prompt triggering content management policy.";
    const error = { message, type: null, param: "prompt", code: "content_filter", status: 400 };
    const { model, primary, fallback } = await stage({
      primary: { do: "error", status: 400, body: { error } },
    });
    const outcome = await streamed(model);
    expect(outcome.error).toBeInstanceOf(BadRequestError);
    expect(outcome.error?.code).toBe("content_filter");
    expect(await primary.calls()).toHaveLength(1);
    expect(await fallback.calls()).toEqual([]);
  });

  it("S14: a cut, and a fallback that refuses an assistant's beginning", async () => {
    const bench: Bench = {
      primary: { do: "cut", after: 41 },
      fallback: { do: "refuse-prefix" },
      settings: { commit: "buffered", onBreak: "continue" },
    };
    expect(await play(bench)).toMatchObject(byFallback);
  });

  it("S15: a primary down for 60 s, a request every 4 s: all served, few calls, and back soon", async () => {
    // Five times as fast only: an app that asks every 400 ms is not as quiet as one every 4 s.
    const fifth = (ms: number): number => ms / 5;
    const breaker = { openMs: fifth(10_000), maxOpenMs: fifth(10_000) };
    const { model, primary } = await stage({ primary: unavailable, settings: { breaker } });
    const began = Date.now();
    const served: (string | null)[] = [];
    let during = 0;
    for (let n = 0; n < 20; n += 1) {
      await pause(Math.max(0, began + n * fifth(4_000) - Date.now()));
      if (n === 15) {
        during = (await primary.calls()).length;
        await primary.script({ do: "answer", text: primaryText });
      }
      const outcome = await streamed(model);
      expect(outcome.error).toBeNull();
      served.push(outcome.model);
    }
    expect(served.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => "fallback"));
    expect(served.at(-1)).toBe("primary");
    console.info(`S15: ${during} calls to the primary in the outage`);
    expect(during).toBeLessThan(12);
  });
});

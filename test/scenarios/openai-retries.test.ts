import OpenAI, { APIError, InternalServerError, RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openAiQuota, rateLimited } from "../loopback/upstream.ts";
import { startOutside, type Outside } from "./outside.ts";
import { appKey } from "./start-router.ts";

let outside: Outside;

beforeAll(async () => {
  outside = await startOutside();
});

afterAll(() => outside?.close());

/** The official client, and when it called the router. */
function app(options: { maxRetries: number; timeoutMs?: number }) {
  const calls: number[] = [];
  const { maxRetries, timeoutMs } = options;
  const client = new OpenAI({
    baseURL: `${outside.router.url}/v1`,
    apiKey: appKey,
    maxRetries,
    ...(timeoutMs !== undefined && {
      defaultHeaders: { "x-lifeboat-timeout-ms": String(timeoutMs) },
    }),
    fetch: (url, init) => {
      calls.push(Date.now());
      return fetch(url, init);
    },
  });
  const messages = [{ role: "user" as const, content: "hello" }];
  const ask = (model: string) => client.chat.completions.create({ model, messages }).withResponse();
  return { ask, calls };
}

/** What the client throws. */
async function thrown(answer: Promise<unknown>): Promise<APIError> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof APIError) return error;
    throw error;
  }
  throw new Error("it was answered");
}

describe("the official openai client, when nothing could serve", () => {
  it("raises RateLimitError where everything is throttled, with the time and each candidate's reason", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script(rateLimited(30));
    const { ask, calls } = app({ maxRetries: 0 });
    const error = await thrown(ask(candidate));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.code).toBe("rate_limit_exceeded");
    expect(Number(error.headers?.get("retry-after"))).toBeGreaterThan(25);
    expect(error.error).toMatchObject({
      lifeboat: { attempts: [{ candidate, outcome: "rate_limited", retryAfterMs: 30_000 }] },
    });
    expect(error.message).toContain(`${candidate}: rate_limited`);
    expect(calls).toHaveLength(1);
  });

  it("waits for as long as Retry-After says, then is served", async () => {
    const { up, candidate } = await outside.freshRoute();
    // Longer than the router itself would wait for it.
    await up.script({ do: "answer" }, [rateLimited(3)]);
    const { ask, calls } = app({ maxRetries: 1 });
    const { response } = await ask(candidate);
    expect(response.headers.get("x-lifeboat-candidate")).toBe(candidate);
    expect(calls).toHaveLength(2);
    expect((calls[1] ?? 0) - (calls[0] ?? 0)).toBeGreaterThanOrEqual(2_900);
    expect(await up.calls()).toHaveLength(2);
    const decision = await outside.router.decision(response.headers.get("x-lifeboat-decision"));
    expect(decision.callerRetry).toBe(1);
  });

  it("asks exactly once for an exhausted quota, whatever retries it has", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script(openAiQuota);
    const { ask, calls } = app({ maxRetries: 3 });
    const error = await thrown(ask(candidate));
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error.code).toBe("insufficient_quota");
    expect(error.headers?.get("x-should-retry")).toBe("false");
    expect(calls).toHaveLength(1);
  });

  it("raises InternalServerError for an outage, a 503, with what became of each candidate", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script({ do: "error", status: 500, body: "oops" });
    const error = await thrown(app({ maxRetries: 0 }).ask(candidate));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error.status).toBe(503);
    expect(error.message).toContain(`${candidate}: server_error`);
    expect(await up.calls()).toHaveLength(2);
  });

  it("raises InternalServerError where the deadline ran out, a 504", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script({ do: "silent" });
    const error = await thrown(app({ maxRetries: 0, timeoutMs: 700 }).ask(candidate));
    expect(error).toBeInstanceOf(InternalServerError);
    expect(error.status).toBe(504);
    expect(error.code).toBe("deadline_exceeded");
  });

  it("notices nothing of a limit that is over in a second: the router waits for it", async () => {
    const { up, candidate } = await outside.freshRoute();
    await up.script({ do: "answer" }, [rateLimited(1)]);
    const { ask, calls } = app({ maxRetries: 0 });
    const { response } = await ask("gpt-4o-mini");
    expect(response.headers.get("x-lifeboat-candidate")).toBe(candidate);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("2");
    expect(calls).toHaveLength(1);
  });
});

import { env, exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { admin, putConfig, upstream } from "./router.ts";

/*
 * What a request costs, in things that can be counted on any machine: calls of the upstream, passes
 * over its JSON, and storage that it waits for.
 */

const up = upstream("hot-path");
const prompt = "the-prompt-of-the-hot-path";
const answer = "the-answer-of-the-hot-path";
let fresh = 0;

beforeEach(async () => {
  fresh += 1;
  await up.script({ do: "answer", text: answer });
  const provider = { kind: "openai-compatible", baseUrl: up.baseUrl };
  await putConfig({
    providers: { [`hot${fresh}`]: provider },
    routes: { chat: [`hot${fresh}/a`] },
  });
});

afterEach(() => {
  vi.restoreAllMocks();
});

function ask(stream: boolean): Promise<Response> {
  return exports.default.fetch("http://lifeboat/v1/chat/completions", {
    method: "POST",
    headers: { authorization: "Bearer test-key", "content-type": "application/json" },
    body: `{"model":"chat","stream":${stream},"messages":[{"role":"user","content":"${prompt}"}]}`,
  });
}

/** How often a text that holds the mark is read from JSON or written as JSON. */
function countPasses(mark: string): { read: number; written: number } {
  const passes = { read: 0, written: 0 };
  const { parse, stringify } = JSON;
  vi.spyOn(JSON, "parse").mockImplementation((text, reviver) => {
    if (text.includes(mark)) passes.read += 1;
    return parse(text, reviver);
  });
  vi.spyOn(JSON, "stringify").mockImplementation((value: unknown) => {
    const text = stringify(value);
    if (text?.includes(mark)) passes.written += 1;
    return text;
  });
  return passes;
}

describe("one request", () => {
  it.each([true, false])("costs one call of the upstream (stream: %s)", async (stream) => {
    await (await ask(stream)).text();
    expect(await up.calls()).toHaveLength(1);
  });

  it("has its prompt read once and written once", async () => {
    const passes = countPasses(prompt);
    const response = await ask(false);
    expect(await response.text()).toContain(answer);
    expect(passes).toEqual({ read: 1, written: 1 });
  });

  it("has its answer read once and never written again", async () => {
    const passes = countPasses(answer);
    const response = await ask(false);
    expect(await response.text()).toContain(answer);
    expect(passes).toEqual({ read: 1, written: 0 });
  });
});

describe("storage that stands still", () => {
  it("holds up no request of a warm isolate", async () => {
    await (await ask(false)).text();
    const { promise: moving, resolve: move } = Promise.withResolvers<void>();
    const held = holdStorage(moving);
    const served: number[] = [];
    let slowestMs = 0;
    try {
      // Longer than a sync and a write are apart, so that both are under way and wait.
      const until = Date.now() + 2_500;
      while (Date.now() < until) {
        const asked = Date.now();
        const response = await ask(false);
        served.push(response.status);
        await response.text();
        slowestMs = Math.max(slowestMs, Date.now() - asked);
        await scheduler.wait(50);
      }
    } finally {
      move();
    }
    expect(new Set(served)).toEqual(new Set([200]));
    // A sync gives up by itself after two seconds: who waited for it would have been that late.
    expect(slowestMs).toBeLessThan(1_000);
    expect(held.writes).toBeGreaterThan(0);
    expect(held.syncs).toBeGreaterThan(0);
    // What waited is written in the end: the last decision of all can be found.
    await vi.waitFor(async () => {
      const found = await admin("/decisions?limit=1");
      expect(await found.text()).toContain(`"candidate":"hot${fresh}/a"`);
    }, 5_000);
  });
});

/** The real storage, whose every call waits until it may move. */
function holdStorage(moving: Promise<void>): { writes: number; syncs: number } {
  const held = { writes: 0, syncs: 0 };
  const batch = env.DB.batch.bind(env.DB);
  vi.spyOn(env.DB, "batch").mockImplementation(async (statements) => {
    held.writes += 1;
    await moving;
    return batch(statements);
  });
  const getByName = env.FLEET.getByName.bind(env.FLEET);
  vi.spyOn(env.FLEET, "getByName").mockImplementation(
    (name) =>
      new Proxy(getByName(name), {
        get: (stub, method) => {
          const real: unknown = Reflect.get(stub, method);
          if (typeof real !== "function") return real;
          return async (...args: unknown[]): Promise<unknown> => {
            held.syncs += 1;
            await moving;
            return Reflect.apply(real, stub, args);
          };
        },
      }),
  );
  return held;
}

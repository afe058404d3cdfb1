import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FailureClass } from "../../src/contract/failure.ts";
import { fails, ScriptedRun, serves, type Act } from "./scripted-run.ts";

describe("the same candidate", () => {
  it("is asked once more when its stated wait is short", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("rate_limited", 1_000), serves] },
      b: { acts: [serves] },
    });
    expect(await run.run()).toMatchObject({ outcome: "served", candidate: { id: "a/m" } });
    expect(run.told()).toEqual(["a: rate_limited", "a: ok"]);
    expect(run.waits).toEqual([1_000]);
  });

  it("is asked once more after a server error, and only once", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("server_error")] }, b: { acts: [serves] } });
    expect(await run.run()).toMatchObject({ outcome: "served", candidate: { id: "b/m" } });
    expect(run.told()).toEqual(["a: server_error", "a: server_error", "b: ok"]);
    expect(run.waits).toEqual([200]);
  });

  it("is not asked again when the failure has opened its circuit by the count", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("server_error")] }, b: { acts: [serves] } });
    await run.run();
    await run.run();
    expect(run.told().slice(3)).toEqual(["a: server_error", "b: ok"]);
  });

  it("is asked when the others are not there, by the same rules", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("rate_limited", 60_000)] } });
    expect(await run.run()).toMatchObject({ outcome: "failed" });
    expect(run.waits).toEqual([]);
  });

  it("is not waited for past the deadline", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("rate_limited", 1_000), serves] },
      b: { acts: [serves] },
    });
    await run.run({ withinMs: 1_000 });
    expect(run.told()).toEqual(["a: rate_limited", "b: ok"]);
  });
});

describe("four candidates that all fail", () => {
  it("cost four calls, two of them retries", async () => {
    const bad = { acts: [fails("server_error")] };
    const run = new ScriptedRun({ a: bad, b: bad, c: bad, d: bad });
    const result = await run.run();
    expect(run.told()).toHaveLength(4);
    expect(result.trail.skipped).toMatchObject([
      { candidate: "c/m", reason: "attempts_spent" },
      { candidate: "d/m", reason: "attempts_spent" },
    ]);
  });
});

describe("a retry budget that is spent", () => {
  it("lets every request go to the next candidate at once", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("rate_limited", 500), serves] },
      b: { acts: [serves] },
    });
    for (let n = 0; n < 10; n += 1) run.retryBudget.spend(run.now);
    await run.run();
    expect(run.told()).toEqual(["a: rate_limited", "b: ok"]);
  });
});

describe("onLimit", () => {
  const short = () => ({
    a: { acts: [fails("rate_limited", 5_000), serves] },
    b: { acts: [fails("rate_limited", 3_000), serves] },
  });

  it("failover never waits", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("rate_limited", 100), serves] },
      b: { acts: [serves] },
    });
    await run.run({ onLimit: "failover" });
    expect(run.told()).toEqual(["a: rate_limited", "b: ok"]);
    expect(run.waits).toEqual([]);
  });

  it("wait waits for the earliest of those that are throttled", async () => {
    const run = new ScriptedRun(short());
    const result = await run.run({ onLimit: "wait" });
    expect(result).toMatchObject({ outcome: "served", candidate: { id: "b/m" } });
    expect(run.waits).toEqual([3_000]);
  });

  it("wait does not wait where the deadline comes first", async () => {
    const run = new ScriptedRun(short());
    expect(await run.run({ onLimit: "wait", withinMs: 2_900 })).toMatchObject({
      outcome: "failed",
    });
    expect(run.waits).toEqual([]);
  });

  it("wait does not wait for a quota, nor for anything but a limit", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("quota_exhausted", 1_000)] },
      b: { acts: [fails("auth", 1_000)] },
    });
    expect(await run.run({ onLimit: "wait" })).toMatchObject({ outcome: "failed" });
    expect(run.waits).toEqual([]);
  });

  it("wait waits for a candidate whose circuit another request has opened", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("rate_limited", 4_000), serves] } });
    await run.run({ onLimit: "failover" });
    expect(await run.run({ onLimit: "wait" })).toMatchObject({ outcome: "served" });
    expect(run.waits).toEqual([3_990 + 10]);
  });

  it("wait waits for an overloaded candidate's own word, though its circuit is closed", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("overloaded", 9_000), serves] } });
    expect(await run.run({ onLimit: "wait" })).toMatchObject({ outcome: "served" });
    expect(run.waits).toEqual([9_000]);
  });

  it("wait asks again out of the retry budget, and fails over when that is spent", async () => {
    const acts = [fails("overloaded", 9_000), serves];
    const run = new ScriptedRun({ a: { acts: [...acts, ...acts] } });
    for (let spent = 0; spent < 9; spent += 1) run.retryBudget.spend(run.now);
    expect(await run.run({ onLimit: "wait" })).toMatchObject({ outcome: "served" });
    expect(await run.run({ onLimit: "wait" })).toMatchObject({ outcome: "failed" });
    expect(run.waits).toEqual([9_000]);
  });

  it("wait gives back what it took of the budget when nobody reopens in time", async () => {
    const run = new ScriptedRun(short());
    for (let spent = 0; spent < 9; spent += 1) run.retryBudget.spend(run.now);
    await run.run({ onLimit: "wait", withinMs: 2_900 });
    expect(run.retryBudget.has(run.now)).toBe(true);
  });

  it("retry-short fails at once when every wait is long", async () => {
    const run = new ScriptedRun(short());
    expect(await run.run()).toMatchObject({ outcome: "failed" });
    expect(run.waits).toEqual([]);
  });
});

describe("a request that a model cannot take", () => {
  it("too long for one goes to none that is known to be no larger", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("context_length")], facts: { contextWindow: 8_192 } },
      b: { acts: [serves], facts: { contextWindow: 8_192 } },
      c: { acts: [fails("context_length")] },
      d: { acts: [serves], facts: { contextWindow: 128_000 } },
    });
    const result = await run.run();
    expect(run.told()).toEqual(["a: context_length", "c: context_length", "d: ok"]);
    expect(result.trail.skipped).toMatchObject([{ candidate: "b/m", reason: "context_too_small" }]);
  });

  it("too large for one goes to none that is known to have no higher limit", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("request_too_large")], facts: { maxRequestTokens: 30_000 } },
      b: { acts: [serves], facts: { maxRequestTokens: 10_000 } },
      c: { acts: [serves], facts: { maxRequestTokens: 60_000 } },
    });
    const result = await run.run();
    expect(result).toMatchObject({ outcome: "served", candidate: { id: "c/m" } });
    expect(result.trail.skipped[0]?.reason).toBe("request_limit_too_small");
  });

  it.each([
    ["tools", "lacks_tools", { tools: [{ type: "function" }] }],
    [
      "images",
      "lacks_images",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
    ],
    ["jsonSchema", "lacks_json_schema", { response_format: { type: "json_schema" } }],
  ] as const)(
    "unsupported goes to none that is known to lack %s",
    async (fact, reason, request) => {
      const run = new ScriptedRun({
        a: { acts: [fails("unsupported")] },
        b: { acts: [serves], facts: { jsonMode: false, [fact]: false } },
        c: { acts: [serves], facts: { [fact]: true } },
      });
      const result = await run.run({}, request);
      expect(run.told()).toEqual(["a: unsupported", "c: ok"]);
      expect(result.trail.skipped).toMatchObject([{ candidate: "b/m", reason }]);
    },
  );

  it("is not asked of the same model by another name", async () => {
    const run = new ScriptedRun({
      a: { acts: [fails("context_length")] },
      alias: { acts: [serves], sameAs: "a" },
    });
    const result = await run.run();
    expect(run.told()).toEqual(["a: context_length"]);
    expect(result.trail.skipped).toMatchObject([{ reason: "already_tried" }]);
  });
});

describe("a caller that leaves while its request waits", () => {
  it("ends it as cancelled, and the probe it held is free for the next", async () => {
    const run = new ScriptedRun({ a: { acts: [fails("rate_limited", 1_000), serves] } });
    run.leavesWaiting = true;
    expect(await run.run()).toMatchObject({ outcome: "failed", failure: { class: "cancelled" } });
    expect(run.told()).toEqual(["a: rate_limited"]);
    const [candidate] = run.candidates;
    if (candidate === undefined) throw new Error("no candidate");
    expect(run.circuits.look(candidate, run.now + 1_000)).toMatchObject({
      state: "half-open",
      until: null,
    });
  });
});

const allClasses: readonly (FailureClass | null)[] = [
  null,
  "rate_limited",
  "quota_exhausted",
  "overloaded",
  "server_error",
  "timeout",
  "auth",
  "model_not_found",
  "context_length",
  "request_too_large",
  "content_filter",
  "unsupported",
  "bad_request",
  "unknown",
];
const retriable = new Set<FailureClass | null>(["rate_limited", "overloaded", "server_error"]);

const act: fc.Arbitrary<Act> = fc.record({
  fails: fc.constantFrom(...allClasses),
  stated: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: null }),
  takesMs: fc.integer({ min: 1, max: 3_000 }),
});
const upstream = fc.record({ acts: fc.array(act, { minLength: 1, maxLength: 3 }) });

describe("whatever the upstreams do", () => {
  it("a request makes at most four calls, retries only what may be retried, and begins nothing past its deadline", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(upstream, upstream, upstream, upstream, upstream),
        fc.constantFrom("failover", "retry-short", "wait"),
        fc.array(fc.integer({ min: 500, max: 20_000 }), { minLength: 1, maxLength: 4 }),
        async ([a, b, c, d, e], onLimit, deadlines) => {
          const run = new ScriptedRun({ a, b, c, d, e });
          for (const withinMs of deadlines) {
            const from = run.asked.length;
            const deadlineAt = run.now + withinMs;
            const waited = run.waits.length;
            await run.run({ onLimit, withinMs });
            const asked = run.asked.slice(from);
            expect(asked.length).toBeLessThanOrEqual(4);
            expect(asked.filter(({ at }) => at >= deadlineAt)).toEqual([]);
            const retries = asked.filter((one, n) =>
              asked.slice(0, n).some(({ candidate }) => candidate === one.candidate),
            );
            expect(retries.length).toBeLessThanOrEqual(2);
            for (const { candidate } of retries) {
              const own = asked.filter((one) => one.candidate === candidate);
              expect(own).toHaveLength(2);
              expect(retriable.has(own[0]?.act.fails ?? null)).toBe(true);
            }
            const longest = onLimit === "failover" ? 300 : onLimit === "wait" ? withinMs : 2_500;
            expect(Math.max(0, ...run.waits.slice(waited))).toBeLessThanOrEqual(longest);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

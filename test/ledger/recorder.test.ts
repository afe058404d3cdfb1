import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/contract/decision.ts";
import { findDecision, listDecisions } from "../../src/ledger/read-decisions.ts";
import { Recorder } from "../../src/ledger/recorder.ts";
import { decisionWriter } from "../../src/ledger/write-decisions.ts";

const db = drizzle(env.DB);
const writeDecisions = decisionWriter(env.DB);
let made = 0;

function decision(over: Partial<Decision> = {}): Decision {
  made += 1;
  return {
    id: `01-${String(made).padStart(6, "0")}`,
    at: 1_000 + made,
    key: "key-1",
    surface: "openai.chat",
    route: "chat",
    model: "chat",
    stream: true,
    outcome: "served",
    status: 200,
    candidate: "b/y",
    failover: "rate_limited",
    latencyMs: 12,
    firstTokenMs: 5,
    tokensIn: 3,
    tokensOut: 4,
    costUsd: 0.000123,
    costUnknown: null,
    cache: "off",
    adapted: ["num_ctx=8192"],
    delivered: { events: 5, bytes: 900 },
    malformedEvents: 1,
    continuedBy: null,
    hedge: null,
    callerRetry: 2,
    metadata: { team: "a'b\"c" },
    fleet: "synced",
    skipped: [{ candidate: "c/z", reason: "circuit_open", until: 9, detail: "auth" }],
    attempts: [attempt(1, "a/x", "rate_limited"), attempt(2, "b/y", "ok")],
    ...over,
  };
}

function attempt(n: number, candidate: string, outcome: "ok" | "rate_limited") {
  return {
    n,
    candidate,
    outcome,
    status: 429,
    code: null,
    type: null,
    message: null,
    retryAfterMs: null,
    startedMs: 0,
    firstTokenMs: null,
    durationMs: 3,
    circuitBefore: "closed",
    circuitAfter: "open",
  } as const;
}

describe("the ledger", () => {
  it("gives back what was written, and writing it twice writes it once", async () => {
    const written = decision();
    await writeDecisions([written]);
    await writeDecisions([written]);
    expect(await findDecision(db, written.id)).toEqual(written);
    expect((await listDecisions(db, { limit: 90 })).decisions).toHaveLength(1);
  });

  it("takes thousands at once", async () => {
    const many = Array.from({ length: 2_000 }, () => decision({ route: "bulk" }));
    await writeDecisions(many);
    const page = await listDecisions(db, { route: "bulk", limit: 90 });
    expect(page.decisions).toHaveLength(90);
    const next = await listDecisions(db, { route: "bulk", limit: 90, cursor: page.cursor ?? "" });
    expect(next.decisions[0]?.id).toBe(many.at(-91)?.id);
  });

  it("finds decisions by the provider that was tried and by the class of a failure", async () => {
    const only = decision({
      route: "filters",
      attempts: [attempt(1, "openai_x/gpt", "rate_limited")],
    });
    await writeDecisions([only, decision({ route: "filters", attempts: [] })]);
    const by = async (filter: object) =>
      (await listDecisions(db, { route: "filters", limit: 90, ...filter })).decisions.map(
        ({ id }) => id,
      );
    expect(await by({ provider: "openai_x" })).toEqual([only.id]);
    expect(await by({ provider: "openai" })).toEqual([]);
    expect(await by({ class: "rate_limited" })).toEqual([only.id]);
    expect(await by({ class: "auth" })).toEqual([]);
  });
});

describe("the recorder", () => {
  function recorder(write: (batch: readonly Decision[]) => Promise<void>) {
    const lost: number[] = [];
    const time = { now: 0 };
    const timed = new Recorder({
      clock: { now: () => time.now },
      // Fifty times the pace.
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 50)),
      write,
      onLost: (count) => lost.push(count),
    });
    return { recorder: timed, lost, time };
  }

  it("writes what gathers within its window together", async () => {
    const batches: number[] = [];
    const { recorder: own } = recorder(async (batch) => void batches.push(batch.length));
    await Promise.all([own.record(decision()), own.record(decision()), own.record(decision())]);
    expect(batches).toEqual([3]);
  });

  it("tries a failed write once more, then counts what is lost and goes on", async () => {
    let calls = 0;
    const { recorder: own, lost } = recorder(async () => {
      calls += 1;
      if (calls <= 2) throw new Error("D1 is down");
    });
    await own.record(decision());
    expect({ calls, lost, count: own.lost }).toEqual({ calls: 2, lost: [1], count: 1 });
    await own.record(decision());
    expect({ calls, count: own.lost }).toEqual({ calls: 3, count: 1 });
  });

  it("gives a store that hangs up, and counts what is lost", async () => {
    const { recorder: own, lost } = recorder(() => new Promise(() => undefined));
    await own.record(decision());
    expect({ lost, count: own.lost }).toEqual({ lost: [1], count: 1 });
  });

  it("takes over a flush whose owner was cut off", async () => {
    const batches: number[] = [];
    const time = { now: 0 };
    let owners = 0;
    const own = new Recorder({
      clock: { now: () => time.now },
      // The first owner's request dies while it waits.
      wait: (ms) => {
        const isWindow = ms < 1_000;
        return isWindow && owners++ > 0 ? Promise.resolve() : new Promise(() => undefined);
      },
      write: async (batch) => void batches.push(batch.length),
      onLost: () => undefined,
    });
    void own.record(decision());
    await own.record(decision());
    expect(batches).toEqual([]);
    time.now = 501;
    await own.record(decision());
    expect(batches).toEqual([3]);
  });
});

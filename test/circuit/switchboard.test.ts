import type { Transition } from "../../src/contract/circuit.ts";
import { describe, expect, it } from "vitest";
import { openAiCompatibleProvider } from "../../scripts/simulated-provider.ts";
import { pristine } from "../../src/circuit/record.ts";
import { Switchboard } from "../../src/circuit/switchboard.ts";
import {
  defaultBreaker,
  defaultRetries,
  defaultTimeouts,
  plainCandidate,
  plainRoute,
} from "../../src/config/defaults.ts";
import { resolveModel } from "../../src/config/models.ts";
import { resolveStreaming } from "../../src/config/streaming.ts";
import type { Failure } from "../../src/contract/failure.ts";
import type { Candidate, Route } from "../../src/contract/route.ts";
import { nothingKnown } from "../../src/plan/knowledge.ts";
import { planRequest } from "../../src/plan/plan-request.ts";

const start = 1_000_000;

function candidate(provider: string, model = "m"): Candidate {
  const account = {
    name: provider,
    kind: "openai-compatible",
    local: false,
    provider: openAiCompatibleProvider(provider),
    missing: null,
  };
  const timeouts = defaultTimeouts;
  const id = `${provider}/${model}`;
  return { id, account, ...resolveModel(undefined, model), timeouts, ...plainCandidate };
}

const a = candidate("a");
const b = candidate("b");

const failed = {
  class: "rate_limited",
  failsOver: true,
  verdict: "failure",
  scope: "candidate",
  retryAfterMs: 10_000,
  status: 429,
  code: null,
  type: null,
  message: null,
  body: null,
  contentType: null,
} satisfies Failure;

/** A switchboard whose fleet grants leases or is out of reach. */
function board({ leases = true } = {}) {
  const told: Transition[] = [];
  const news: string[] = [];
  const circuits = new Switchboard(() => 0, {
    leases: () => leases,
    isolates: () => 1,
    onTransition: (transition) => told.push(transition),
    onNews: (scope) => news.push(scope),
  });
  return { circuits, told, news };
}

function take(circuits: Switchboard, of: Candidate, now: number, anyway = false) {
  const taken = circuits.take(of, { breaker: defaultBreaker, decision: "d", anyway }, now);
  return taken.granted ? taken.permit : null;
}

async function fail(circuits: Switchboard, of: Candidate, failure: Failure, now: number) {
  const permit = take(circuits, of, now);
  if (permit === null) throw new Error("the permit was refused");
  circuits.fail(permit, failure, now);
}

async function succeed(circuits: Switchboard, of: Candidate, now: number) {
  const permit = take(circuits, of, now);
  if (permit === null) throw new Error("the permit was refused");
  circuits.succeed(permit, now);
}

function plan(circuits: Switchboard, candidates: Candidate[], now: number, dice = 0.99) {
  const route: Route = {
    name: "r",
    candidates,
    timeouts: defaultTimeouts,
    breaker: defaultBreaker,
    streaming: resolveStreaming(null),
    retries: defaultRetries,
    ...plainRoute,
  };
  const health = {
    circuit: (one: Candidate, at: number) => circuits.consider(one, at),
    unreachable: () => null,
    reading: () => null,
    ...nothingKnown,
  };
  const request = { model: "r", messages: [] };
  const random = (): number => dice;
  const { steps } = planRequest(route, health, {
    now,
    noFallback: false,
    random,
    request,
    decision: "d",
  });
  return steps.map(({ candidate: { id }, skip }) => `${id}: ${skip?.reason ?? "try"}`);
}

describe("whom a failure takes out", () => {
  it("is every model of the account when it is the account's, and one model when it is the model's", async () => {
    const { circuits } = board();
    const sibling = candidate("a", "other");
    await fail(circuits, a, failed, start);
    expect(circuits.state(a, start)).toBe("open");
    expect(circuits.state(sibling, start)).toBe("closed");
    await fail(circuits, sibling, { ...failed, class: "auth", scope: "provider" }, start);
    expect(circuits.state(candidate("a", "third"), start)).toBe("open");
    expect(circuits.state(b, start)).toBe("closed");
  });

  it("is nobody when it says nothing of anybody's health, also for a probe, which goes to the next", async () => {
    const { circuits } = board({ leases: false });
    await fail(circuits, a, failed, start);
    const now = start + 10_000;
    const neutral: Failure = { ...failed, class: "bad_request", verdict: "neutral", scope: "none" };
    await fail(circuits, a, neutral, now);
    expect(circuits.state(a, now)).toBe("half-open");
    expect(take(circuits, a, now)?.candidate.permit.probe).toBe(true);
  });
});

describe("a plan over a circuit whose time has come", () => {
  it("leaves the probe to whom the fleet grants it, and is not left without a candidate", async () => {
    const { circuits } = board();
    await fail(circuits, a, failed, start);
    const now = start + 10_000;
    expect(plan(circuits, [a, b], now)).toEqual(["a/m: awaiting_lease", "b/m: try", "a/m: try"]);
    expect(plan(circuits, [a], now)).toEqual(["a/m: try"]);
    expect(circuits.wishes(now, 0)).toEqual(["a/m"]);
    expect(take(circuits, a, now)).toBeNull();
    circuits.grant("a/m", { mine: false, until: now + 3_000 });
    expect(plan(circuits, [a, b], now)).toEqual(["a/m: probe_in_flight", "b/m: try"]);
    expect(circuits.wishes(now, 0)).toEqual([]);
    circuits.grant("a/m", { mine: true, until: now + 3_000 });
    expect(plan(circuits, [a, b], now)).toEqual(["a/m: try", "b/m: try"]);
    expect(take(circuits, a, now)).not.toBeNull();
    expect(plan(circuits, [a, b], now)).toEqual(["a/m: probe_in_flight", "b/m: try"]);
  });

  it("probes by itself where the fleet is out of reach, one request at a time", async () => {
    const { circuits } = board({ leases: false });
    await fail(circuits, a, failed, start);
    const now = start + 10_000;
    expect(plan(circuits, [a, b], now)).toEqual(["a/m: try", "b/m: try"]);
    expect(take(circuits, a, now)).not.toBeNull();
    expect(take(circuits, a, now)).toBeNull();
  });

  it("leaves a lease to isolates whose requests ask for that scope", async () => {
    const { circuits } = board();
    await fail(circuits, a, failed, start);
    const elsewhere = board().circuits;
    for (const { scope, record } of circuits.news()) elsewhere.adopt(scope, record, start);
    expect(circuits.wishes(start + 9_000, 3_000)).toEqual(["a/m"]);
    expect(elsewhere.wishes(start + 9_000, 3_000)).toEqual([]);
    plan(elsewhere, [a, b], start + 9_000);
    expect(elsewhere.wishes(start + 9_000, 3_000)).toEqual(["a/m"]);
  });
});

describe("a probe that takes long", () => {
  it("is waited for as long as its candidate's clocks let it run, and no longer", async () => {
    const { circuits } = board({ leases: false });
    await fail(circuits, a, failed, start);
    const now = start + 10_000;
    expect(take(circuits, a, now)).not.toBeNull();
    expect(take(circuits, a, now + defaultTimeouts.wholeMs)).toBeNull();
    expect(circuits.probing()).toEqual(["a/m"]);
    expect(take(circuits, a, now + defaultTimeouts.totalMs)).not.toBeNull();
  });
});

describe("a candidate that is open beside its provider", () => {
  const shortly = { ...failed, scope: "provider", retryAfterMs: 5_000 } as const;
  const long = { ...failed, retryAfterMs: 3_600_000 };

  it.each([
    ["the provider's end comes first", long, shortly],
    [
      "the candidate's end comes first",
      { ...failed, retryAfterMs: 5_000 },
      { ...shortly, ...long, scope: "provider" },
    ],
  ] as const)("reopens with the later of the two: %s", async (_case, own, account) => {
    const { circuits } = board();
    const permits = [take(circuits, a, start), take(circuits, a, start)];
    for (const [n, failure] of [own, account].entries()) {
      const permit = permits[n] ?? null;
      if (permit !== null) circuits.fail(permit, failure, start);
    }
    const until = start + 3_600_000;
    expect(circuits.look(a, start)).toMatchObject({ state: "open", until });
    const refused = circuits.take(a, { breaker: defaultBreaker }, start);
    expect(refused).toEqual({ granted: false, until, probing: false });
  });
});

describe("a plan over a circuit on its return", () => {
  async function returning() {
    const { circuits } = board({ leases: false });
    await fail(circuits, a, failed, start);
    await succeed(circuits, a, start + 10_000);
    take(circuits, a, start + 10_000);
    return { circuits, now: start + 10_000 };
  }

  it("gives it its share of the requests and sends the others to the next candidate, with it as the last resort", async () => {
    const { circuits, now } = await returning();
    expect(plan(circuits, [a, b], now, 0.09)).toEqual(["a/m: try", "b/m: try"]);
    const left = ["a/m: ramping", "b/m: try", "a/m: try"];
    expect(plan(circuits, [a, b], now, 0.1)).toEqual(left);
  });

  it("serves by it all the same when there is no other, or when it was quiet for half a second", async () => {
    const { circuits, now } = await returning();
    expect(plan(circuits, [a], now, 0.99)).toEqual(["a/m: try"]);
    expect(plan(circuits, [a, b], now + 500, 0.99)).toEqual(["a/m: try", "b/m: try"]);
  });
});

describe("a change of state", () => {
  it("is told once, with the decision that brought it about", async () => {
    const { circuits, told, news } = board({ leases: false });
    await fail(circuits, a, failed, start);
    await fail(circuits, b, { ...failed, class: "bad_request", verdict: "neutral" }, start);
    await succeed(circuits, a, start + 10_000);
    for (let call = 0; call < 9; call += 1) await succeed(circuits, a, start + 10_000);
    expect(told.map(({ scope, from, to, reason }) => [scope, from, to, reason])).toEqual([
      ["a/m", "closed", "open", "rate_limited"],
      ["a/m", "open", "half-open", "probe"],
      ["a/m", "half-open", "closed", "recovered"],
    ]);
    expect(told.every(({ decision }) => decision === "d")).toBe(true);
    expect(new Set(news)).toEqual(new Set(["a/m"]));
  });

  it("is not told by isolates that hear of it; what they find out themselves is", async () => {
    const { circuits } = board();
    await fail(circuits, a, failed, start);
    const other = board({ leases: false });
    for (const { scope, record } of circuits.news()) other.circuits.adopt(scope, record, start);
    expect(other.circuits.news()).toEqual([]);
    await succeed(other.circuits, b, start);
    expect(other.told).toEqual([]);
    await fail(other.circuits, a, failed, start + 10_000);
    expect(other.told.map(({ from, to }) => [from, to])).toEqual([
      ["open", "half-open"],
      ["half-open", "open"],
    ]);
  });

  it("stays news until the fleet has it, and is news again when it changes meanwhile", async () => {
    const { circuits } = board({ leases: false });
    await fail(circuits, a, failed, start);
    const underWay = circuits.news();
    await succeed(circuits, a, start + 10_000);
    circuits.delivered(underWay);
    const after = circuits.news();
    expect(after).toMatchObject([{ scope: "a/m", record: { generation: 1 } }]);
    circuits.delivered(after);
    expect(circuits.news()).toEqual([]);
  });

  it("is told of one circuit only where the isolate has met its name anew meanwhile", async () => {
    const { circuits } = board();
    const permit = take(circuits, a, start);
    for (let n = 0; n < 2_100; n += 1) take(circuits, candidate("many", `m${n}`), start + 1);
    take(circuits, a, start + 2);
    if (permit !== null) circuits.fail(permit, failed, start + 2);
    expect(circuits.state(a, start + 2)).toBe("open");
    circuits.delivered(circuits.news());
    expect(circuits.news()).toEqual([]);
  });

  it("fills no memory: of names that apps make up, and that have all been open, 2,000 are kept", () => {
    const { circuits } = board();
    const record = { ...pristine(start), generation: 1 };
    circuits.adopt("a/m", { ...record, opened: true, step: 0, until: start + 60_000 }, start);
    for (let n = 0; n < 5_000; n += 1) circuits.adopt(`many/${n}`, record, start + n);
    const kept = new Set(circuits.list(start + 5_000).map(({ scope }) => scope));
    expect(kept.size).toBeLessThanOrEqual(2_000);
    expect(kept.has("many/4999")).toBe(true);
    expect(kept.has("a/m")).toBe(true);
  });

  it("is not lost when the isolate forgot the circuit under the attempt", async () => {
    const { circuits } = board();
    const permit = take(circuits, a, start);
    for (let n = 0; n < 2_100; n += 1) take(circuits, candidate("many", `m${n}`), start);
    if (permit !== null) circuits.fail(permit, failed, start);
    expect(circuits.state(a, start)).toBe("open");
  });
});

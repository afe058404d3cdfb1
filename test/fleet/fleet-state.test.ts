import type { CircuitRecord } from "../../src/contract/circuit.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRecords, pristine } from "../../src/circuit/record.ts";
import { FleetState } from "../../src/fleet/fleet-state.ts";
import type { Delta } from "../../src/fleet/messages.ts";

const now = 1_000_000;
const nothing = { circuits: [], limits: [], leases: [], keys: [] };

function newState(incarnation = "life-1"): FleetState {
  return new FleetState(incarnation, nothing);
}

function delta(isolate: string, over: Partial<Delta> = {}): Delta {
  return {
    isolate,
    sentAt: now,
    skewMs: 0,
    incarnation: null,
    revision: 0,
    configVersion: 0,
    circuits: [],
    limits: [],
    wishes: [],
    probing: [],
    ...over,
  };
}

function opened(until: number, over: Partial<CircuitRecord> = {}): CircuitRecord {
  const reason = "rate_limited";
  return { ...pristine(now), opened: true, step: 0, until, openings: 1, reason, ...over };
}

function tell(state: FleetState, record: CircuitRecord, isolate = "a", at = now) {
  return state.sync(delta(isolate, { circuits: [{ scope: "p", record }] }), at);
}

function known(state: FleetState): CircuitRecord | undefined {
  return state.sync(delta("reader"), now).snapshot.circuits[0]?.record;
}

const records = fc.record({
  generation: fc.nat(3),
  operator: fc.boolean(),
  opened: fc.boolean(),
  until: fc.integer({ min: 0, max: 3 }),
  step: fc.nat(3),
  since: fc.nat(2),
  openings: fc.nat(2),
  reason: fc.constantFrom("rate_limited" as const, "timeout" as const),
  lastFailure: fc.constant(null),
});

describe("merging", () => {
  it("gives the same whatever the order, and however often a record comes", () => {
    const property = fc.property(
      fc
        .array(records, { minLength: 1, maxLength: 6 })
        .chain((told) =>
          fc.tuple(
            fc.constant(told),
            fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 }),
          ),
        ),
      ([told, shuffled]) => {
        const states = [told, shuffled].map((order) => {
          const state = newState();
          for (const record of order) tell(state, record);
          return known(state);
        });
        expect(states[1]).toEqual(states[0]);
      },
    );
    fc.assert(property, { numRuns: 1_000 });
  });

  it("is by a total order: antisymmetric and transitive", () => {
    const property = fc.property(records, records, records, (a, b, c) => {
      expect(Math.sign(compareRecords(a, b))).toBe(-Math.sign(compareRecords(b, a)) + 0);
      if (compareRecords(a, b) <= 0 && compareRecords(b, c) <= 0) {
        expect(compareRecords(a, c)).toBeLessThanOrEqual(0);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it("lets the later end win, and a generation beat it", () => {
    const state = newState();
    tell(state, opened(now + 10_000));
    tell(state, opened(now + 90_000), "b");
    tell(state, opened(now + 20_000), "c");
    expect(known(state)?.until).toBe(now + 90_000);
    tell(state, { ...pristine(now), generation: 1, step: 0 });
    tell(state, opened(now + 95_000), "late");
    expect(known(state)).toMatchObject({ generation: 1, opened: false });
  });

  it("puts what an isolate says by its clock into the object's time", () => {
    const state = newState();
    const record = opened(now + 10_000);
    const circuits = [{ scope: "p", record }];
    state.sync(delta("slow", { circuits, sentAt: now - 4_000, skewMs: null }), now);
    expect(known(state)?.until).toBe(now + 14_000);
  });
});

describe("names of models that apps make up", () => {
  const scopes = (from: number, many: number, record: CircuitRecord) =>
    Array.from({ length: many }, (_, n) => ({ scope: `p/m${from + n}`, record }));

  it("are forgotten beyond 2,000 circuits, what is closed and has rested before what is open", () => {
    const state = newState();
    const rested = { ...pristine(now - 3_600_000), generation: 1 };
    const fresh = { ...pristine(now), generation: 1 };
    const circuits = [
      ...scopes(0, 100, opened(now + 60_000)),
      ...scopes(100, 300, rested),
      ...scopes(400, 1_600, fresh),
    ];
    state.sync(delta("a", { circuits }), now);
    state.forget(now);
    expect(state.report(now).circuits).toHaveLength(2_000);
    state.sync(delta("a", { circuits: scopes(2_000, 1, opened(now + 60_000)) }), now);
    const forgotten = state.forget(now);
    const kept = new Set(state.report(now).circuits.map(({ scope }) => scope));
    expect(kept.size).toBeLessThanOrEqual(2_000);
    expect(forgotten?.circuits.length).toBe(2_001 - kept.size);
    for (const { scope } of scopes(0, 100, fresh)) expect(kept).toContain(scope);
    for (const { scope } of scopes(400, 1_601, fresh)) expect(kept).toContain(scope);
  });

  it("keep at most 2,000 readings, the latest", () => {
    const state = newState();
    for (let n = 0; n < 5_000; n += 1) {
      const limits = [{ candidate: `p/m${n}`, reading: { at: now + n, dimensions: [] } }];
      state.sync(delta("a", { limits }), now + n);
      state.forget(now + n);
    }
    const { limits } = state.sync(delta("b"), now + 5_000).snapshot;
    expect(limits.length).toBeLessThanOrEqual(2_000);
    expect(limits.length).toBeGreaterThanOrEqual(1_800);
    expect(limits.map(({ candidate }) => candidate)).toContain("p/m4999");
    expect(limits.map(({ candidate }) => candidate)).not.toContain("p/m0");
  });

  it("are gone after a day, with their leases as soon as those have run out", () => {
    const state = newState();
    tell(state, opened(now));
    state.sync(delta("a", { wishes: ["p"] }), now);
    expect(state.forget(now)?.leases).toEqual([]);
    expect(state.forget(now + 60_000)?.leases).toEqual(["p"]);
    tell(state, { ...pristine(now), generation: 1 });
    expect(state.forget(now + 86_399_999)?.circuits).toEqual([]);
    expect(state.forget(now + 2 * 86_400_000)?.circuits).toEqual(["p"]);
  });
});

describe("an operator's word", () => {
  it("overrules what isolates find out in ignorance of it, and not what they find out after it", () => {
    const state = newState();
    tell(state, opened(now + 90_000));
    state.operate({ scope: "p", to: "closed" }, now);
    tell(state, opened(now + 99_000), "ignorant");
    tell(state, { ...opened(now + 99_000), generation: 1 }, "ignorant of it with a probe");
    const told = known(state);
    expect(told).toMatchObject({ operator: true, opened: false });
    if (told === undefined) return;
    tell(state, { ...told, opened: true, until: now + 5_000, step: 0 }, "after it");
    expect(known(state)).toMatchObject({ operator: true, opened: true });
  });
});

describe("a sync", () => {
  it("tells only what is new since the isolate's revision", () => {
    const state = newState();
    tell(state, opened(now + 10_000));
    const first = state.sync(delta("b"), now).snapshot;
    expect(first.circuits).toHaveLength(1);
    const { incarnation, revision } = first;
    expect(state.sync(delta("b", { incarnation, revision }), now).snapshot.circuits).toEqual([]);
    tell(state, opened(now + 20_000));
    expect(state.sync(delta("b", { incarnation, revision }), now).snapshot.circuits).toHaveLength(
      1,
    );
  });

  it("tells everything to an isolate that knows another life of the object", () => {
    const state = newState("life-2");
    tell(state, opened(now + 10_000));
    const stale = delta("b", { incarnation: "life-1", revision: 900 });
    expect(state.sync(stale, now).snapshot.circuits).toHaveLength(1);
  });

  it("does not tell an isolate what it has just said itself", () => {
    const state = newState();
    expect(tell(state, opened(now + 10_000)).snapshot.circuits).toEqual([]);
  });

  it("counts the isolates that were heard of lately", () => {
    const state = newState();
    state.sync(delta("a"), now);
    state.sync(delta("b"), now + 9_000);
    expect(state.sync(delta("c"), now + 10_500).snapshot.isolates).toBe(2);
  });

  it("keeps the latest reading of a limit", () => {
    const state = newState();
    const reading = (at: number) => ({ at, dimensions: [] });
    const tellLimit = (at: number, isolate: string) =>
      state.sync(delta(isolate, { limits: [{ candidate: "p/m", reading: reading(at) }] }), now);
    tellLimit(now - 5, "a");
    expect(tellLimit(now - 9, "b").changes.limits).toEqual([]);
    expect(state.sync(delta("c"), now).snapshot.limits).toEqual([
      { candidate: "p/m", reading: reading(now - 5) },
    ]);
  });
});

describe("the lease of a scope", () => {
  const until = now + 10_000;

  function wish(state: FleetState, isolate: string, at: number) {
    return state.sync(delta(isolate, { wishes: ["p"], sentAt: at }), at).snapshot.leases;
  }

  it("goes to one isolate, shortly before the circuit may be probed", () => {
    const state = newState();
    tell(state, opened(until));
    expect(wish(state, "early", until - 3_001)).toEqual([]);
    expect(wish(state, "a", until - 3_000)).toMatchObject([{ scope: "p", holder: "a" }]);
    expect(wish(state, "b", until)).toMatchObject([{ holder: "a" }]);
  });

  it("goes on to another when its holder does not begin, or begins and dies", () => {
    const state = newState();
    tell(state, opened(until));
    wish(state, "a", until);
    expect(wish(state, "b", until + 2_999)).toMatchObject([{ holder: "a" }]);
    expect(wish(state, "b", until + 3_000)).toMatchObject([{ holder: "b" }]);
    state.sync(delta("b", { probing: ["p"] }), until + 4_000);
    expect(wish(state, "c", until + 13_999)).toMatchObject([{ holder: "b" }]);
    expect(wish(state, "c", until + 14_000)).toMatchObject([{ holder: "c" }]);
    state.sync(delta("b", { probing: ["p"] }), until + 14_001);
    expect(wish(state, "b", until + 14_002)).toMatchObject([{ holder: "c" }]);
  });

  it("stays with its holder for as long as that one speaks of its probe", () => {
    const state = newState();
    tell(state, opened(until));
    wish(state, "a", until);
    for (let at = until; at <= until + 60_000; at += 2_000) {
      state.sync(delta("a", { probing: ["p"] }), at);
      expect(wish(state, "b", at + 1_000)).toMatchObject([{ holder: "a" }]);
    }
    expect(wish(state, "b", until + 69_999)).toMatchObject([{ holder: "a" }]);
    expect(wish(state, "b", until + 70_000)).toMatchObject([{ holder: "b" }]);
  });

  it("stays with its holder when another isolate puts the end off by a little", () => {
    const state = newState();
    tell(state, opened(until));
    wish(state, "a", until - 2_000);
    tell(state, opened(until + 50), "b", until - 1_000);
    expect(wish(state, "b", until)).toMatchObject([{ holder: "a" }]);
    tell(state, opened(until + 60_000), "c", until);
    expect(wish(state, "b", until)).toEqual([]);
  });

  it("is void when the probe has settled", () => {
    const state = newState();
    tell(state, opened(until));
    wish(state, "a", until);
    state.sync(delta("a", { probing: ["p"] }), until);
    tell(state, opened(until + 2_000), "a", until + 100);
    expect(state.sync(delta("b"), until + 100).snapshot.leases).toEqual([]);
  });

  it("can be asked for by itself, and the answer carries what the asker does not know", () => {
    const state = newState();
    tell(state, opened(until + 5_000));
    const question = { isolate: "a", sentAt: until, skewMs: 0, scope: "p", record: opened(until) };
    const { answer } = state.lease(question, until);
    expect(answer).toMatchObject({ lease: null, record: { until: until + 5_000 } });
    const asked = { ...question, sentAt: until + 5_000 };
    expect(state.lease(asked, until + 5_000).answer.lease).toMatchObject({ holder: "a" });
    const other = { ...asked, isolate: "b" };
    expect(state.lease(other, until + 5_000).answer.lease).toMatchObject({ holder: "a" });
  });
});

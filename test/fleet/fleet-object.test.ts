import type { CircuitRecord } from "../../src/contract/circuit.ts";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { pristine } from "../../src/circuit/record.ts";
import type { Delta, SpendingBatch } from "../../src/fleet/messages.ts";

function newObject(name: string) {
  return env.FLEET.getByName(name);
}

function delta(isolate: string, over: Partial<Delta> = {}): Delta {
  return {
    isolate,
    sentAt: Date.now(),
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

function opened(forMs: number): CircuitRecord {
  const now = Date.now();
  const cause = { openings: 2, reason: "quota_exhausted" as const };
  return { ...pristine(now), opened: true, step: 0, until: now + forMs, ...cause };
}

describe("the fleet's object", () => {
  it("lets one isolate do what is to be done once, until its time is over", async () => {
    const fleet = newObject("claims");
    expect(await fleet.claim("warm a/m", 200)).toBe(true);
    expect(await fleet.claim("warm a/m", 200)).toBe(false);
    expect(await fleet.claim("warm b/m", 200)).toBe(true);
    await scheduler.wait(250);
    expect(await fleet.claim("warm a/m", 200)).toBe(true);
  });

  it("tells an isolate how fast others have found candidates", async () => {
    const fleet = newObject("speeds");
    const speed = { firstTokenMs: 120, tokensPerSecond: 40, at: Date.now() };
    const told = { candidate: "a/m", speed };
    expect((await fleet.sync(delta("one", { speeds: [told] }))).speeds).toEqual([]);
    expect((await fleet.sync(delta("two"))).speeds).toEqual([told]);
  });

  it("has lost nothing after it was evicted", async () => {
    const fleet = newObject("evicted");
    const circuits = [
      { scope: "long", record: opened(900_000) },
      { scope: "due", record: opened(1_000) },
    ];
    const before = await fleet.sync(delta("a", { circuits, wishes: ["due"] }));
    await fleet.operate({ scope: "steered", to: "open", forMs: 60_000 });
    await fleet.revoke("key-7", true);
    await fleet.revoke("key-8", true);
    await fleet.revoke("key-8", false);
    await evictDurableObject(fleet);
    const { incarnation, revision } = before;
    const after = await fleet.sync(delta("b", { incarnation, revision, wishes: ["due"] }));
    expect(after.incarnation).not.toBe(before.incarnation);
    const told = new Map(after.circuits.map(({ scope, record }) => [scope, record]));
    expect(told.get("long")).toEqual(circuits[0]?.record);
    expect(told.get("due")).toEqual(circuits[1]?.record);
    expect(told.get("steered")).toMatchObject({ operator: true, opened: true });
    expect(after.leases).toMatchObject([{ scope: "due", holder: "a" }]);
    expect(after.revoked).toEqual(["key-7"]);
    // An isolate that slept through it must hear that the key is let in again.
    expect(after.restored).toEqual(["key-8"]);
  });

  it("has what was spent after it was evicted, and counts what it had not written when it is told again", async () => {
    const fleet = newObject("spending");
    const until = Date.now() + 3_600_000;
    const spent = [{ scope: "hour::", until, microUsd: 40, unknown: 1 }];
    const written = { n: 1, spent };
    const unwritten = { n: 2, spent: [{ scope: "hour::", until, microUsd: 2, unknown: 0 }] };
    const sync = async (batches: readonly SpendingBatch[], isolate = "a") => {
      const told = delta(isolate, { spending: { revision: 0, batches } });
      return (await fleet.sync(told)).spending;
    };
    expect(await sync([written])).toMatchObject({ taken: 1, written: 0, totals: spent });
    expect(await runDurableObjectAlarm(fleet)).toBe(true);
    expect(await sync([written, unwritten])).toMatchObject({ taken: 2, written: 1 });
    await evictDurableObject(fleet);
    expect(await sync([], "b")).toMatchObject({ whole: true, totals: spent });
    expect(await sync([unwritten])).toMatchObject({
      taken: 2,
      totals: [{ scope: "hour::", until, microUsd: 42, unknown: 1 }],
    });
  });

  it("says nothing of spending to an isolate of a version that does not count it", async () => {
    expect(await newObject("old").sync(delta("a"))).not.toHaveProperty("spending");
  });

  it("writes limits in bundles, and has them after an eviction", async () => {
    const fleet = newObject("limits");
    const reading = { at: Date.now(), dimensions: [] };
    await fleet.sync(delta("a", { limits: [{ candidate: "p/m", reading }] }));
    await scheduler.wait(5_500);
    await evictDurableObject(fleet);
    const { limits } = await fleet.sync(delta("b"));
    expect(limits).toEqual([{ candidate: "p/m", reading }]);
  }, 15_000);

  it("tells every isolate of a key's revocation once", async () => {
    const fleet = newObject("revoked");
    await fleet.revoke("key-1", true);
    const { revoked, incarnation, revision } = await fleet.sync(delta("a"));
    expect(revoked).toEqual(["key-1"]);
    expect((await fleet.sync(delta("a", { incarnation, revision }))).revoked).toEqual([]);
  });

  it("keeps no row for what it has forgotten", async () => {
    const fleet = newObject("crowded");
    const record = opened(60_000);
    for (let from = 0; from < 3_000; from += 1_000) {
      const circuits = Array.from({ length: 1_000 }, (_, n) => ({
        scope: `p/${from + n}`,
        record,
      }));
      await fleet.sync(delta("a", { circuits }));
    }
    const rows = await runInDurableObject(fleet, (_, { storage }) =>
      storage.sql.exec<{ n: number }>("select count(*) as n from circuits").one(),
    );
    expect(rows.n).toBeLessThanOrEqual(2_000);
    expect((await fleet.report()).circuits).toHaveLength(rows.n);
  });

  it("shows operators how many isolates know of a circuit", async () => {
    const fleet = newObject("informed");
    await fleet.sync(delta("a", { circuits: [{ scope: "p", record: opened(60_000) }] }));
    const { incarnation, revision } = await fleet.sync(delta("b"));
    await fleet.sync(delta("b", { incarnation, revision }));
    await fleet.sync(delta("c"));
    const report = await fleet.report();
    expect(report.isolates.map(({ isolate }) => isolate).sort()).toEqual(["a", "b", "c"]);
    expect(report.circuits).toMatchObject([{ scope: "p", informed: 1 }]);
  });
});

import { describe, expect, it } from "vitest";
import { VirtualTime } from "../../scripts/virtual-time.ts";
import { FleetClient } from "../../src/fleet/fleet-client.ts";
import type { Exchanged } from "../../src/fleet/fleet-link.ts";
import { shardOf } from "../../src/fleet/shards.ts";

const start = 1_000_000;

/** One isolate's client, over an object that takes `answerMs` and can be made to fail. */
function world({ shards = 1, random = () => 0.5 } = {}) {
  const time = new VirtualTime(start);
  const calls: { at: number; shard: number }[] = [];
  const object = { answerMs: 10, fails: false, aheadMs: 0, news: 0 };
  const applied: number[] = [];
  const failures: unknown[] = [];
  const client = new FleetClient({
    clock: time,
    random,
    wait: time.wait,
    shards: () => shards,
    hasNews: () => object.news > 0,
    onFailure: (error) => failures.push(error),
    exchange: async (shard): Promise<Exchanged> => {
      calls.push({ at: time.now() - start, shard });
      const news = object.news;
      await time.wait(object.answerMs / 2);
      const now = time.now() + object.aheadMs;
      await time.wait(object.answerMs / 2);
      if (object.fails) throw new Error("broken");
      object.news -= news;
      return { incarnation: "i", revision: 1, now, apply: (skewMs) => applied.push(skewMs) };
    },
  });
  /** A request at the present time; how long it waited for the fleet. */
  const request = async (): Promise<() => number> => {
    const began = time.now();
    let waitedMs = Number.NaN;
    void (async () => {
      await client.freshen(() => {});
      waitedMs = time.now() - began;
    })();
    await time.runUntil(time.now());
    return () => waitedMs;
  };
  const pass = (ms: number): Promise<void> => time.runUntil(time.now() + ms);
  return { time, client, calls, object, applied, failures, request, pass };
}

describe("a new isolate", () => {
  it("waits for the fleet's first word, and for a second at most", async () => {
    const quick = world();
    const waited = await quick.request();
    await quick.pass(100);
    expect(waited()).toBe(10);
    const slow = world();
    slow.object.answerMs = 60_000;
    const waitedLong = await slow.request();
    await slow.pass(5_000);
    expect(waitedLong()).toBe(1_000);
    expect(slow.client.view()).toBe("alone");
  });
});

describe("requests beside the one that asks the fleet", () => {
  it("ask nothing themselves, and go on with its word as soon as that is there", async () => {
    const { request, pass, calls, object, client } = world();
    object.answerMs = 40;
    const first = await request();
    const others = [await request(), await request()];
    await pass(20);
    others.push(await request());
    await pass(100);
    expect(calls).toHaveLength(1);
    expect(first()).toBe(40);
    expect(others.map((waited) => waited())).toEqual([40, 40, 20]);
    expect(client.view()).toBe("synced");
  });

  it("wait 50 ms each in a new isolate whose object hangs, and fifty of them ask it once", async () => {
    const { request, pass, calls, object } = world();
    object.answerMs = 60_000;
    const first = await request();
    const others: (() => number)[] = [];
    for (let n = 0; n < 50; n += 1) {
      others.push(await request());
      await pass(10);
    }
    await pass(2_000);
    expect(calls).toHaveLength(1);
    expect(first()).toBe(1_000);
    expect(Math.max(...others.map((waited) => waited()))).toBe(50);
  });

  it("wait no longer than 50 ms after a pause, together", async () => {
    const { request, pass, calls, object } = world();
    await request();
    await pass(60_000);
    object.answerMs = 1_000;
    const first = await request();
    await pass(20);
    const second = await request();
    await pass(40);
    const third = await request();
    await pass(100);
    expect([first(), second(), third()]).toEqual([50, 30, 0]);
    expect(calls).toHaveLength(2);
  });
});

describe("an isolate with traffic", () => {
  it("syncs every two seconds, give or take the jitter, and no request waits", async () => {
    const { request, pass, calls } = world();
    await request();
    await pass(100);
    const waited: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      const wait = await request();
      await pass(100);
      waited.push(wait());
    }
    expect(Math.max(...waited)).toBe(0);
    const apart = calls.slice(1).map(({ at }, n) => at - (calls[n]?.at ?? 0));
    expect(apart.length).toBeGreaterThanOrEqual(4);
    for (const ms of apart) expect(ms).toBeGreaterThanOrEqual(1_500);
    for (const ms of apart) expect(ms).toBeLessThanOrEqual(2_100);
  });

  it("says nothing while it has none, and waits 50 ms at most when it has some again", async () => {
    const { request, pass, calls, object } = world();
    await request();
    await pass(60_000);
    expect(calls).toHaveLength(1);
    object.answerMs = 1_000;
    const waited = await request();
    await pass(2_000);
    expect(waited()).toBe(50);
  });

  it("measures how far the object's clock is ahead", async () => {
    const { request, pass, object, applied } = world();
    object.aheadMs = 4_000;
    await request();
    await pass(2_500);
    // A slow answer cannot refute what a quick one has shown.
    object.answerMs = 1_500;
    object.aheadMs = 4_300;
    await request();
    await pass(2_500);
    expect(applied).toEqual([4_000, 4_000]);
  });
});

describe("news", () => {
  it("is told at once, once, and together with what came up meanwhile", async () => {
    const { client, request, pass, calls, object } = world();
    await request();
    await pass(100);
    object.news = 1;
    void client.report("p");
    object.news = 2;
    void client.report("p");
    await pass(5);
    object.news = 3;
    void client.report("p");
    await pass(100);
    expect(calls.slice(1).map(({ at }) => at)).toEqual([100, 110]);
    expect(object.news).toBe(0);
  });

  it("is taken over from a request that was cut off while telling it", async () => {
    const { client, request, pass, calls, object } = world();
    await request();
    await pass(100);
    object.answerMs = Number.POSITIVE_INFINITY;
    object.news = 1;
    void client.report("p");
    await pass(1_000);
    object.answerMs = 10;
    void client.report("p");
    await pass(10);
    expect(calls).toHaveLength(2);
    await pass(20_000);
    void client.report("p");
    await pass(100);
    expect(object.news).toBe(0);
  });
});

describe("an object out of reach", () => {
  it("leaves the isolate alone, which asks ever more rarely and never makes a request wait", async () => {
    const { client, request, pass, calls, object } = world();
    await request();
    await pass(100);
    object.fails = true;
    const waited: number[] = [];
    for (let n = 0; n < 1_200; n += 1) {
      const wait = await request();
      await pass(100);
      waited.push(wait());
    }
    expect(client.view()).toBe("alone");
    expect(client.grants("p")).toBe(false);
    expect(Math.max(...waited)).toBe(0);
    const apart = calls.slice(2).map(({ at }, n) => at - (calls[n + 1]?.at ?? 0));
    expect(apart.slice(0, 4).every((ms, n) => n === 0 || ms > (apart[n - 1] ?? 0))).toBe(true);
    expect(Math.max(...apart)).toBeLessThanOrEqual(15_200);
    expect(apart.at(-1)).toBeGreaterThan(7_000);
    object.fails = false;
    for (let n = 0; n < 200; n += 1) {
      await request();
      await pass(100);
    }
    expect(client.view()).toBe("synced");
    expect(client.grants("p")).toBe(true);
  });

  it("counts as such when it does not answer within two seconds", async () => {
    const { client, request, pass, object, failures } = world();
    await request();
    await pass(2_500);
    object.answerMs = 100_000;
    await request();
    await pass(1_900);
    expect(client.view()).not.toBe("alone");
    await pass(200);
    expect(client.view()).toBe("alone");
    expect(failures).toHaveLength(1);
  });
});

describe("several objects", () => {
  it("hold all scopes of a provider together, and providers apart", () => {
    expect(shardOf("openai/gpt-4o", 8)).toBe(shardOf("openai", 8));
    const names = Array.from({ length: 64 }, (_, n) => `provider-${n}`);
    expect(new Set(names.map((name) => shardOf(name, 8))).size).toBe(8);
    expect(names.every((name) => shardOf(name, 1) === 0)).toBe(true);
  });

  it("are all asked by a new isolate, and later those of the providers in use", async () => {
    const { client, request, pass, calls } = world({ shards: 4 });
    await request();
    await pass(100);
    expect(new Set(calls.map(({ shard }) => shard))).toEqual(new Set([0, 1, 2, 3]));
    const provider = ["a", "b", "c", "d", "e"].find((name) => shardOf(name, 4) === 2) ?? "";
    client.use(provider);
    await pass(2_000);
    await request();
    await pass(100);
    expect(calls.slice(4).map(({ shard }) => shard)).toEqual([0, 2]);
  });
});

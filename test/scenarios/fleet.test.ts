import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startUpstreams } from "../loopback/openai-server.ts";
import { rateLimited, Upstream } from "../loopback/upstream.ts";
import { startFleet, type RunningFleet } from "./start-fleet.ts";
import { eventually, pause } from "./start-router.ts";

const size = 8;

let fleet: RunningFleet;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;

/** Each test has a route of its own, so that none feels what another one broke. */
const routes = ["told", "ramp", "gone", "steered"] as const;
type RouteName = (typeof routes)[number];

function upstream(role: "first" | "second", route: RouteName): Upstream {
  return new Upstream(upstreams.url, `${role}-${route}`);
}

beforeAll(async () => {
  upstreams = await startUpstreams();
  const named = (role: "first" | "second") =>
    routes.map((name) => [
      `${role}-${name}`,
      { kind: "openai-compatible", baseUrl: upstream(role, name).baseUrl },
    ]);
  fleet = await startFleet(
    {
      providers: Object.fromEntries([...named("first"), ...named("second")]),
      routes: Object.fromEntries(
        routes.map((name) => [name, [`first-${name}/a`, `second-${name}/b`]]),
      ),
    },
    size,
  );
});

afterAll(async () => {
  await fleet?.stop();
  await upstreams?.close();
});

interface Answered {
  readonly isolate: number;
  readonly at: number;
  readonly ms: number;
  readonly status: number;
  readonly candidate: string | null;
}

async function ask(isolate: number, model: RouteName): Promise<Answered> {
  const startedAt = performance.now();
  const at = Date.now();
  const response = await fleet.ask(isolate, { model });
  await response.text();
  const candidate = response.headers.get("x-lifeboat-candidate");
  return { isolate, at, ms: performance.now() - startedAt, status: response.status, candidate };
}

/** Requests to every isolate, one every `everyMs` at each, until told to stop. */
function load(model: RouteName, everyMs: number, isolates = size) {
  const answered: Answered[] = [];
  const until = { stopped: false };
  const app = async (isolate: number): Promise<void> => {
    await pause((everyMs * isolate) / isolates);
    while (!until.stopped) {
      const began = Date.now();
      answered.push(await ask(isolate, model));
      await pause(Math.max(0, began + everyMs - Date.now()));
    }
  };
  const apps = Promise.all(Array.from({ length: isolates }, (_, isolate) => app(isolate)));
  return {
    answered,
    stop: async (): Promise<readonly Answered[]> => {
      until.stopped = true;
      await apps;
      return answered;
    },
  };
}

function bySecond(times: readonly number[], from: number, seconds: number): number[] {
  return Array.from(
    { length: seconds },
    (_, n) => times.filter((at) => at >= from + n * 1_000 && at < from + (n + 1) * 1_000).length,
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe("what one isolate learns", () => {
  it("every other one knows with its next sync, and sends nothing there", async () => {
    const first = upstream("first", "told");
    await first.script({ do: "answer" });
    await ask(0, "told");
    const all = load("told", 20, 2);
    await pause(2_500);
    // One refusal only, which one of the two meets: to the other the upstream looks well.
    await first.script({ do: "answer" }, [rateLimited(30)], { keepCalls: true });
    const met = await eventually(async () =>
      all.answered.find(({ candidate }) => candidate === "second-told/b"),
    );
    const openedAt = met.at + met.ms;
    await pause(4_000);
    const answered = await all.stop();
    const syncs = (await fleet.objectCalls()).filter(({ call }) => call === "sync");
    const learner = answered.filter(({ isolate, at }) => isolate !== met.isolate && at > openedAt);
    const stillSent = learner.filter(({ candidate }) => candidate === "first-told/a");
    const lastSentMs = Math.max(0, ...stillSent.map(({ at }) => at - openedAt));
    console.info("told", {
      requestsOfTheOther: learner.length,
      stillSent: stillSent.length,
      lastSentMs,
      syncsAfterMs: syncs.map(({ at }) => at - openedAt).filter((ms) => ms > 0 && ms < 4_000),
    });
    expect(answered.every(({ status }) => status === 200)).toBe(true);
    // The next sync is at most 2 s away, and the knowledge counts within a second of it.
    expect(lastSentMs).toBeLessThan(3_000);
    const own = answered.filter(({ isolate, at }) => isolate === met.isolate && at > openedAt);
    expect(own.filter(({ candidate }) => candidate !== "second-told/b")).toEqual([]);
    expect(learner.filter(({ at }) => at > openedAt + 3_000).length).toBeGreaterThan(10);
  });
});

describe("eight isolates, and an upstream that recovers", () => {
  it("send it one probe per opening, and come back in a ramp", async () => {
    const first = upstream("first", "ramp");
    await first.script(rateLimited(2));
    const startedAt = Date.now();
    const all = load("ramp", 100);
    await pause(7_000);
    await first.script({ do: "answer" }, [], { keepCalls: true });
    const wellAt = Date.now();
    await pause(9_000);
    const answered = await all.stop();
    const calls = (await first.calls()).map(({ at }) => at);
    const firstOpening = Math.min(...calls) + 2_000;
    const probes = calls.filter((at) => at >= firstOpening && at < wellAt);
    console.info("upstream calls by second", bySecond(calls, startedAt, 16));
    console.info(
      "requests by second",
      bySecond(
        answered.map(({ at }) => at),
        startedAt,
        16,
      ),
    );
    console.info(
      "probes after ms",
      probes.map((at) => at - startedAt),
    );
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    // Probes of one scope are as far apart as its openings are long.
    const apart = probes.slice(1).map((at, n) => at - (probes[n] ?? 0));
    expect(probes.length).toBeGreaterThanOrEqual(2);
    for (const ms of apart) expect(ms).toBeGreaterThan(1_900);
    // The ramp begins with the probe that found it well.
    const backAt = Math.min(...calls.filter((at) => at >= wellAt));
    const [sent = 0, ...sentLater] = bySecond(calls, backAt, 5);
    const asked = bySecond(
      answered.map(({ at }) => at),
      backAt,
      5,
    );
    console.info("ramp by second", [sent, ...sentLater], "of", asked);
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan((asked[0] ?? 0) / 2);
    expect(sentLater[0]).toBeGreaterThan(sent);
    expect(sentLater.at(-1)).toBeGreaterThan((asked.at(-1) ?? 0) * 0.9);
    const served = answered.filter(({ at }) => at > Date.now() - 1_000);
    expect(new Set(served.map(({ candidate }) => candidate))).toEqual(new Set(["first-ramp/a"]));
  });
});

describe("without its object", () => {
  it.each(["throw", "hang"] as const)(
    "the fleet serves on as fast as before when every call of it does %s, and syncs again after it",
    async (how) => {
      await upstream("first", "gone").script({ do: "answer" });
      const all = load("gone", 50);
      await pause(4_000);
      const brokenAt = Date.now();
      await fleet.breakObject(how, 10_000);
      await pause(10_000);
      const mendedAt = Date.now();
      await pause(2_000);
      const answered = await all.stop();
      const before = answered.filter(({ at }) => at > brokenAt - 3_000 && at < brokenAt);
      const during = answered.filter(({ at }) => at >= brokenAt && at < mendedAt);
      const medianBefore = median(before.map(({ ms }) => ms));
      const medianDuring = median(during.map(({ ms }) => ms));
      const ratio = medianDuring / medianBefore;
      console.info(how, { requests: during.length, medianBefore, medianDuring, ratio });
      expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
      // A request that waited for the object would take 50 ms more, or 2 s.
      expect(medianDuring).toBeLessThan(medianBefore + 20);
      const heard = await eventually(async () => {
        await Promise.all(Array.from({ length: size }, (_, isolate) => ask(isolate, "gone")));
        const syncs = (await fleet.objectCalls()).filter(({ at }) => at > mendedAt + 100);
        const speakers = new Set(syncs.map(({ isolate }) => isolate));
        return speakers.size === size ? speakers.size : undefined;
      }, 20_000);
      expect(heard).toBe(size);
    },
  );
});

describe("an operator", () => {
  it("opens and closes a scope for every isolate", async () => {
    await upstream("first", "steered").script({ do: "answer" });
    await Promise.all(Array.from({ length: size }, (_, isolate) => ask(isolate, "steered")));
    const post = (path: string, body: object) =>
      fleet.admin(0, path, { method: "POST", body: JSON.stringify(body) });
    const opened = await post("/circuits/open", { scope: "first-steered", ms: 60_000 });
    expect(await opened.json()).toMatchObject({ state: "open", reason: "operator" });
    const servedBy = (candidate: string) =>
      eventually(async () => {
        const isolates = Array.from({ length: size }, (_, isolate) => ask(isolate, "steered"));
        const all = await Promise.all(isolates);
        return all.every((one) => one.candidate === candidate) ? true : undefined;
      }, 5_000);
    expect(await servedBy("second-steered/b")).toBe(true);
    expect((await post("/circuits/close", { scope: "first-steered" })).status).toBe(200);
    expect(await servedBy("first-steered/a")).toBe(true);
  });
});

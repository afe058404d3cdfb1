import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Failure } from "../src/contract/failure.ts";
import { fleetObject, SimulatedIsolate, type Call, type World } from "./simulated-fleet.ts";
import { seeded, VirtualTime } from "./virtual-time.ts";

/**
 * An hour of 1,000 isolates with the deployed circuit and fleet code, on a virtual clock; writes the
 * tables of docs/fleet.md. `npm run simulate-fleet`, or with `-- --isolates 50 --minutes 20` a smaller one.
 */
const minute = 60_000;
const start = 1_800_000_000_000;

function option(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
}

const isolates = option("isolates", 1_000);
const minutes = option("minutes", 60);
const requestsPerSecond = option("rps", 400);

interface Outage {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly failure: Failure;
  readonly afterMs: number;
}

const silent = { code: null, type: null, message: null, body: null, contentType: null };
const counts = { failsOver: true, verdict: "failure", ...silent } as const;

const planned: readonly Outage[] = [
  {
    name: "429 with `Retry-After: 30`, for 3 min",
    from: start + 3 * minute,
    to: start + 6 * minute,
    failure: {
      ...counts,
      class: "rate_limited",
      scope: "candidate",
      status: 429,
      retryAfterMs: 30_000,
    },
    afterMs: 80,
  },
  {
    name: "every call fails with 500, for 8 min",
    from: start + 15 * minute,
    to: start + 23 * minute,
    failure: {
      ...counts,
      class: "server_error",
      scope: "candidate",
      status: 500,
      retryAfterMs: null,
    },
    afterMs: 150,
  },
  {
    name: "silence until the clock runs out (10 s), for 5 min",
    from: start + 31 * minute,
    to: start + 36 * minute,
    failure: { ...counts, class: "timeout", scope: "candidate", status: null, retryAfterMs: null },
    afterMs: 10_000,
  },
  {
    name: "quota exhausted, no reset stated, for 3.5 min",
    from: start + 38.5 * minute,
    to: start + 42 * minute,
    failure: {
      ...counts,
      class: "quota_exhausted",
      scope: "provider",
      status: 429,
      retryAfterMs: null,
    },
    afterMs: 80,
  },
];
const outages = planned.filter(({ to }) => to <= start + minutes * minute);

interface Run {
  readonly calls: readonly Call[];
  readonly objectCalls: readonly number[];
  readonly requests: readonly number[];
  /** Per outage: after how many ms half, 99 % and all of the isolates with traffic knew. */
  readonly known: readonly (readonly (number | null)[])[];
  readonly active: number;
}

async function simulate(shared: boolean): Promise<Run> {
  const time = new VirtualTime(start);
  const random = seeded(7);
  const upstream = (at: number) => outages.find(({ from, to }) => at >= from && at < to) ?? null;
  const world: World = { time, random, upstream, shared, calls: [], objectCalls: [] };
  const object = fleetObject(world);
  const all = Array.from({ length: isolates }, (_, id) => new SimulatedIsolate(id, world, object));
  // A few isolates have most of the traffic, as a few places have most of the users.
  const weights = all.map((_, rank) => 1 / (rank + 1) ** 0.8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const requests: number[] = [];
  const lastAt = new Float64Array(isolates);
  for (const [id, isolate] of all.entries()) {
    const rate = (requestsPerSecond * (weights[id] ?? 0)) / total / 1_000;
    const next = (): void => {
      requests.push(time.now());
      lastAt[id] = time.now();
      void isolate.request();
      time.at(time.now() - Math.log(1 - random()) / rate, next);
    };
    time.at(start - Math.log(1 - random()) / rate, next);
  }
  const known = outages.map((outage) => watch(outage, { time, all, lastAt, calls: world.calls }));
  await time.runUntil(start + minutes * minute);
  const active = lastAt.filter((at) => at > time.now() - 10_000).length;
  return { calls: world.calls, objectCalls: world.objectCalls, requests, known, active };
}

/** Looks every 50 ms who of the isolates that have traffic knows of the outage; times count from the first call that failed. */
function watch(
  { from, to }: Outage,
  {
    time,
    all,
    lastAt,
    calls,
  }: { time: VirtualTime; all: SimulatedIsolate[]; lastAt: Float64Array; calls: Call[] },
): (number | null)[] {
  const reached: (number | null)[] = [null, null, null];
  const goals = [0.5, 0.99, 1];
  const look = (): void => {
    const opened = calls.find(({ at, failed }) => failed && at >= from)?.at ?? null;
    const active = all.filter((_, id) => (lastAt[id] ?? 0) > time.now() - 3_000);
    const share = active.filter((isolate) => isolate.isOpen()).length / active.length;
    for (const [n, goal] of goals.entries()) {
      if (opened !== null && reached[n] === null && share >= goal) reached[n] = time.now() - opened;
    }
    if (reached.includes(null) && time.now() < Math.min(to, from + minute)) {
      time.at(time.now() + 50, look);
    }
  };
  time.at(from, look);
  return reached;
}

function seconds(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : `${(ms / 1_000).toFixed(1)} s`;
}

function within(times: readonly number[], { from, to }: { from: number; to: number }): number {
  return times.filter((at) => at >= from && at < to).length;
}

function outageRow(
  outage: Outage,
  n: number,
  { together, apart }: { together: Run; apart: Run },
): string {
  const failed = (run: Run): readonly Call[] =>
    run.calls.filter(({ at, failed: missed }) => missed && at >= outage.from && at < outage.to);
  const wasted = failed(together);
  const probes = wasted.filter(({ probe }) => probe).length;
  const [half, most, every] = together.known[n] ?? [];
  const back = together.calls.filter(({ at }) => at >= outage.to);
  const closedAt = backToFull(back, outage.to, together.requests);
  const cells = [
    outage.name,
    within(together.requests, outage).toLocaleString("en"),
    `${wasted.length.toLocaleString("en")} (${probes} of them probes)`,
    failed(apart).length.toLocaleString("en"),
    `${seconds(half)} / ${seconds(most)} / ${seconds(every)}`,
    seconds(closedAt),
    seconds(closedAt === null ? null : closedAt - ((back[0]?.at ?? 0) - outage.to)),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** After how many ms a whole second's requests went to the provider again. */
function backToFull(
  calls: readonly Call[],
  from: number,
  requests: readonly number[],
): number | null {
  for (let at = from; at < from + 30 * minute; at += 1_000) {
    const second = { from: at, to: at + 1_000 };
    const asked = within(requests, second);
    if (
      asked > 0 &&
      within(
        calls.map((call) => call.at),
        second,
      ) >=
        asked * 0.95
    )
      return at - from;
  }
  return null;
}

function objectRow(
  name: string,
  times: readonly number[],
  { from, to }: { from: number; to: number },
): string {
  const bySecond = new Map<number, number>();
  for (const at of times) {
    if (at < from || at >= to) continue;
    const second = Math.floor(at / 1_000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  const mean = within(times, { from, to }) / ((to - from) / 1_000);
  return `| ${name} | ${mean.toFixed(0)} | ${Math.max(0, ...bySecond.values())} |`;
}

const [together, apart] = [await simulate(true), await simulate(false)];
const end = start + minutes * minute;
const tables = [
  `${isolates.toLocaleString("en")} isolates, ${minutes} min, ${together.requests.length.toLocaleString("en")} requests` +
    ` (${requestsPerSecond}/s; the busiest isolate has ${((requestsPerSecond * 1) / weightsTotal()).toFixed(0)}/s, the median one ${(requestsPerSecond / (isolates / 2) ** 0.8 / weightsTotal()).toFixed(2)}/s;` +
    ` clocks up to 2 s off, the object 2 to 122 ms away). Table made by \`npm run simulate-fleet\`.`,
  "",
  "| outage of the first candidate | requests meanwhile | calls it got | calls with every isolate alone | half / 99 % / all isolates know | full share again after its end | of that, the ramp |",
  "| --- | --- | --- | --- | --- | --- | --- |",
  ...outages.map((outage, n) => outageRow(outage, n, { together, apart })),
  "",
  "| calls of the object | a second, mean | in the busiest second |",
  "| --- | --- | --- |",
  objectRow("the whole time", together.objectCalls, { from: start, to: end }),
  ...outages.flatMap((outage) => [
    objectRow(`first 10 s of: ${outage.name}`, together.objectCalls, {
      from: outage.from,
      to: outage.from + 10_000,
    }),
  ]),
].join("\n");

function weightsTotal(): number {
  return Array.from({ length: isolates }, (_, rank) => 1 / (rank + 1) ** 0.8).reduce(
    (sum, one) => sum + one,
    0,
  );
}

const page = join(import.meta.dirname, "../docs/fleet.md");
const marks = /(?<=<!-- simulated -->)[\s\S]*(?=<!-- \/simulated -->)/;
if (process.argv.includes("--write")) {
  writeFileSync(
    page,
    readFileSync(page, "utf8").replace(marks, () => `\n\n${tables}\n\n`),
  );
}
console.log(tables);

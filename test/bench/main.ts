/**
 * `npm run bench`: measures Lifeboat on workerd against a bare pass-through Worker and Portkey's
 * gateway, and writes `benchmarks.json` and `benchmarks.md`.
 *
 *     --quick             shows within a minute that everything can be measured; measures nothing
 *     --no-peers          without Portkey, which npm would have to install; --quick implies it
 *     --against <commit>  measures that commit beside the working tree
 *     --out <folder>      where the results go; `dist/bench` without it
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repository } from "../scenarios/start-router.ts";
import { prepareBed, type Bed } from "./bed.ts";
import { figureOf, type Figure } from "./figures.ts";
import { describeRun, toMarkdown } from "./report.ts";
import { decisionsLogged } from "./scenarios/decisions.ts";
import { callsWhileOpen, failover, streams } from "./scenarios/latency.ts";
import { coldStart, configSize, endurance } from "./scenarios/process.ts";
import { throughput } from "./scenarios/throughput.ts";
import { full, quick, type Sizes } from "./sizes.ts";

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    "no-peers": { type: "boolean", default: false },
    against: { type: "string" },
    out: { type: "string", default: join(repository, "dist/bench") },
  },
});

const home = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
const options = { home, peers: !flags["no-peers"] && !flags.quick, against: flags.against ?? null };
const bed = await prepareBed(options);
try {
  const figures = await measure(bed, flags.quick ? quick : full, home);
  const run = { ...describeRun(), quick: flags.quick, noPeers: bed.noPeers };
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, "benchmarks.json"), JSON.stringify({ run, figures }, null, 2));
  writeFileSync(join(flags.out, "benchmarks.md"), toMarkdown(run, figures));
  console.log(`\n${toMarkdown(run, figures)}\nwritten to ${flags.out}`);
} finally {
  await bed.close();
  rmSync(home, { recursive: true, force: true });
}

async function measure(all: Bed, sizes: Sizes, folder: string): Promise<Figure[]> {
  const { lifeboat, before, passThrough, peers } = all;
  const lifeboats = before === null ? [lifeboat] : [lifeboat, before];
  const subjects = [passThrough, ...lifeboats, ...peers];
  const load = { requests: sizes.loadRequests, rounds: sizes.rounds };
  const single = { requests: sizes.singleRequests, rounds: sizes.rounds };
  const enduring = { requests: sizes.enduring, parts: sizes.enduringParts };
  const steps: [string, () => Promise<Figure[]>][] = [
    ["throughput", () => throughput(subjects, load)],
    ["streams", () => streams(subjects, single)],
    ["failover", () => failover(lifeboats, peers, single)],
    ["open circuit", async () => [await callsFigure(all)]],
    ["decisions", () => decisionsLogged(lifeboat, sizes.decisions)],
    ["cold start", () => coldStart(all.starting, folder, sizes.coldStarts)],
    ["size of the config", () => configSize(all.sized, load)],
    ["memory", () => endurance([passThrough, lifeboat], enduring)],
  ];
  const figures: Figure[] = [];
  for (const [name, step] of steps) {
    const started = performance.now();
    figures.push(...(await step()));
    console.log(`${name}: measured in ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return figures;
}

async function callsFigure({ lifeboat, upstream }: Bed): Promise<Figure> {
  const of = { scenario: "20 requests, circuit open", subject: lifeboat.name };
  return figureOf(of, "calls of that upstream", [await callsWhileOpen(lifeboat, upstream)]);
}

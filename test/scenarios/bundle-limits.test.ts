import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startingOnes, type StartingParts } from "../bench/bed.ts";
import { bundleLifeboat, bundleWorker } from "../bench/bundles.ts";
import { coldStart } from "../bench/scenarios/process.ts";
import { lifeboatConfig, startUpstream } from "../bench/subjects.ts";
import { startDatabase } from "../bench/workerd.ts";

/*
 * What every start of an isolate pays for. Workers take 3 MB compressed on the free plan, and a
 * second of start-up: https://developers.cloudflare.com/workers/platform/limits/
 */
const mostKb = 650;
/** Parsing the code is most of a start, and an empty Worker has none: far off what is measured (about 5). */
const mostTimesEmpty = 20;

let home: string;
let parts: StartingParts;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "lifeboat-limits-"));
  const upstream = await startUpstream();
  parts = {
    upstream,
    bundle: bundleLifeboat(join(home, "source"), lifeboatConfig(upstream)),
    passing: bundleWorker(home, "pass-through"),
    database: await startDatabase(join(home, "d1")),
  };
});

afterAll(async () => {
  await parts?.database.stop();
  parts?.upstream.stop();
  rmSync(home, { recursive: true, force: true });
});

it(`the bundle is at most ${mostKb} KB compressed`, () => {
  const code = readFileSync(join(parts.bundle.folder, parts.bundle.main));
  expect(gzipSync(code).length / 1024).toBeLessThan(mostKb);
});

it(`the first answer comes within ${mostTimesEmpty} times what an empty Worker takes`, async () => {
  const figures = await coldStart(startingOnes(home, parts), home, 3);
  const fastest = (name: string): number =>
    figures.find(({ subject }) => subject === name)?.lowest ?? Number.NaN;
  expect(fastest("Lifeboat") / fastest("empty Worker")).toBeLessThan(mostTimesEmpty);
});

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { repository } from "./start-router.ts";

const run = promisify(execFile);

const results = z.object({
  run: z.object({ date: z.string(), machine: z.string(), quick: z.literal(true) }),
  figures: z.array(
    z.object({
      scenario: z.string(),
      subject: z.string(),
      metric: z.string(),
      median: z.number().nullable(),
    }),
  ),
});

const loads = [
  "prompt 1 KB, answer 1 KB",
  "prompt 1 KB, answer 100 KB",
  "prompt 100 KB, answer 1 KB",
  "prompt 1 MB, answer 1 KB",
  "stream of 100 chunks",
];

/** Only that everything is measured: how fast this machine is today is nobody's fault. */
it("the benchmark measures every figure that it promises", { timeout: 180_000 }, async () => {
  const out = mkdtempSync(join(tmpdir(), "lifeboat-bench-out-"));
  const bench = join(repository, "test/bench/main.ts");
  await run(process.execPath, [bench, "--quick", "--out", out]);
  const { figures } = results.parse(JSON.parse(readFileSync(join(out, "benchmarks.json"), "utf8")));
  const report = readFileSync(join(out, "benchmarks.md"), "utf8");
  rmSync(out, { recursive: true, force: true });

  const valueOf = (scenario: string, subject: string, metric: string): unknown =>
    figures.find(
      (figure) =>
        figure.scenario === scenario && figure.subject === subject && figure.metric === metric,
    )?.median;
  const wanted: [string, string[], string][] = [
    ...loads.map((name): [string, string[], string] => [
      name,
      ["pass-through", "Lifeboat"],
      "requests/s",
    ]),
    ["one stream at a time", ["pass-through", "Lifeboat"], "time to first token"],
    ["a chunk every 5 ms", ["pass-through", "Lifeboat"], "a chunk's way"],
    [
      "failover, one request at a time",
      ["Lifeboat, no failure", "Lifeboat, 429 first", "Lifeboat, circuit open"],
      "latency",
    ],
    ["cold start", ["empty Worker", "pass-through", "Lifeboat"], "start to first answer"],
    [
      "size of the config",
      ["1 route of 1 candidate", "100 routes", "1,000 routes", "10 candidates"],
      "requests/s",
    ],
    ["200 requests", ["pass-through", "Lifeboat"], "requests/s"],
  ];
  for (const [scenario, subjects, metric] of wanted) {
    for (const subject of subjects) {
      expect(valueOf(scenario, subject, metric), `${scenario}: ${subject}`).toBeGreaterThan(0);
    }
    expect(report).toContain(`### ${scenario}`);
  }
  // These do not depend on the machine.
  expect(valueOf("20 requests, circuit open", "Lifeboat", "calls of that upstream")).toBe(0);
  const logged = "200 decisions logged";
  expect(valueOf(logged, "Lifeboat", "decisions answered with")).toBe(200);
  expect(valueOf(logged, "Lifeboat", "of these in D1")).toBe(200);
});

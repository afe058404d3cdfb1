import { readFileSync } from "node:fs";
import { availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { repository } from "../scenarios/start-router.ts";
import type { Figure } from "./figures.ts";
import { portkeyVersion } from "./portkey.ts";

export interface Run {
  readonly date: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly quick: boolean;
  /** Why no peers were measured; null when they were. */
  readonly noPeers: string | null;
}

export function describeRun(): Pick<Run, "date" | "machine" | "versions"> {
  const gb = Math.round(totalmem() / 1024 ** 3);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${availableParallelism()} × ${cpus()[0]?.model ?? "CPU"}, ${gb} GB, ${platform()} ${release()}`,
    versions: {
      node: process.versions.node,
      workerd: versionOf("workerd"),
      autocannon: versionOf("autocannon"),
      "@portkey-ai/gateway": portkeyVersion,
    },
  };
}

function versionOf(name: string): string {
  const path = join(repository, "node_modules", name, "package.json");
  const manifest: unknown = JSON.parse(readFileSync(path, "utf8"));
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}

/** One table per scenario: each metric with its median, and as a ratio to the first subject of it. */
export function toMarkdown(run: Run, figures: readonly Figure[]): string {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const head = [
    `Measured on ${run.date}: ${run.machine}; ${versions.join(", ")}.`,
    ...(run.quick ? ["A smoke run: these figures mean nothing."] : []),
    ...(run.noPeers === null ? [] : [`Without Portkey: ${run.noPeers}.`]),
  ];
  const tables = [...Map.groupBy(figures, ({ scenario }) => scenario)].map(
    ([scenario, of]) => `### ${scenario}\n\n${table(of)}`,
  );
  return `${[head.join("\n"), ...tables].join("\n\n")}\n`;
}

function table(figures: readonly Figure[]): string {
  const metrics = [...new Set(figures.map(({ metric }) => metric))];
  const title = (metric: string): string => {
    const unit = figures.find((figure) => figure.metric === metric)?.unit ?? "";
    return unit === "" ? metric : `${metric}, ${unit}`;
  };
  const rows = [...Map.groupBy(figures, ({ subject }) => subject)].map(([subject, own]) => {
    const cells = metrics.map((metric) => {
      const figure = own.find((one) => one.metric === metric);
      const first = figures.find((one) => one.metric === metric);
      return figure === undefined ? "" : cell(figure, first);
    });
    return `| ${[subject, ...cells].join(" | ")} |`;
  });
  const columns = ["", ...metrics.map(title)];
  return [`| ${columns.join(" | ")} |`, `|${columns.map(() => " --- |").join("")}`, ...rows].join(
    "\n",
  );
}

function cell(figure: Figure, first: Figure | undefined): string {
  const shown = rounded(figure.median);
  const isRatio = first !== undefined && first !== figure && first.median > 0;
  return isRatio ? `${shown} (× ${(figure.median / first.median).toFixed(2)})` : shown;
}

function rounded(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return Number(value.toPrecision(value >= 100 ? Math.ceil(Math.log10(value)) : 3)).toString();
}

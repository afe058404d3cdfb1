import { readFileSync } from "node:fs";

export interface ProcessCost {
  readonly cpuMs: number;
  readonly memoryMb: number;
}

/** Linux counts CPU time in ticks of 10 ms. */
const tickMs = 10;

/** What a process has cost so far; null where there is no /proc to tell. */
export function processCost(pid: number): ProcessCost | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return {
      cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
      memoryMb: Number(rss) / 1024,
    };
  } catch {
    return null;
  }
}

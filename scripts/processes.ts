import { execFileSync } from "node:child_process";

interface Row {
  readonly pid: number;
  readonly parent: number;
}

/** The processes that run now; those that ended and were not collected yet do not count. */
function running(): readonly Row[] {
  const table = execFileSync("ps", ["-eo", "pid=,ppid=,stat="], { encoding: "utf8" });
  return table.split("\n").flatMap((line) => {
    const [pid = "", parent = "", state = "Z"] = line.trim().split(/\s+/);
    return state.startsWith("Z") ? [] : [{ pid: Number(pid), parent: Number(parent) }];
  });
}

/** All that a process has started, and what they have started. */
export function processesBelow(pid: number): readonly number[] {
  const rows = running();
  const below = (parent: number): number[] =>
    rows.flatMap((row) => (row.parent === parent ? [row.pid, ...below(row.pid)] : []));
  return below(pid);
}

/** Those of the processes that still run. */
export function stillRunning(pids: readonly number[]): readonly number[] {
  const alive = new Set(running().map(({ pid }) => pid));
  return pids.filter((pid) => alive.has(pid));
}

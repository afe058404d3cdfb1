/**
 * What somebody meets who clones the repository: `npm ci && npm start`, and the README's line.
 * Prints `ok` or `not ok` for each step; the exit code is 1 when one failed.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { freePort } from "./free-port.ts";
import { processesBelow, stillRunning } from "./processes.ts";
import { tryReadmeLine, type Shown } from "./readme-line.ts";

const readyWithinMs = 300_000;
const repository = join(import.meta.dirname, "..");

/** A newcomer's environment: nothing of this checkout, of npm's run, or of its own secrets. */
function newcomersEnvironment(): NodeJS.ProcessEnv {
  const path = (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  const npmsOwn = /^(npm_|INIT_CWD$|NODE$|NODE_ENV$|NODE_OPTIONS$)/;
  const kept = Object.entries(process.env).filter(([name]) => !npmsOwn.test(name));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
}

let failed = 0;

async function step<T>(name: string, run: () => T | Promise<T>): Promise<T | undefined> {
  const from = Date.now();
  try {
    const result = await run();
    console.log(`ok - ${name} (${((Date.now() - from) / 1000).toFixed(1)} s)`);
    return result;
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

/** `npm ci && npm start`, as it runs. */
interface Started {
  readonly shell: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

function start(folder: string, port: number): Started {
  const shell = spawn(`npm ci && npm start -- --port ${port}`, {
    cwd: folder,
    env: newcomersEnvironment(),
    shell: true,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which can be sent what Ctrl-C sends.
    detached: true,
  });
  let output = "";
  const hear = (data: Buffer): void => {
    output += data.toString();
  };
  shell.stdout.on("data", hear);
  shell.stderr.on("data", hear);
  const ended = new Promise<number | null>((resolve) => shell.on("exit", resolve));
  return { shell, ended, output: () => output };
}

async function untilReady(router: Started): Promise<void> {
  const end = Date.now() + readyWithinMs;
  while (!router.output().includes("Try it")) {
    const { exitCode } = router.shell;
    if (exitCode !== null) throw new Error(`it ended with ${exitCode}:\n${router.output()}`);
    if (Date.now() > end) throw new Error(`it is not ready:\n${router.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function readDecision(url: string, id: string, token: string): Promise<unknown> {
  const end = Date.now() + 5_000;
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/admin/decisions/${id}`, { headers });
    const value: unknown = await response.json();
    if (response.ok) return value;
    assert.ok(Date.now() < end, `${response.status} ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function headersOf({ status, headers }: Shown): Record<string, unknown> {
  const ours = ["failover", "attempts"].map((name) => [name, headers.get(`x-lifeboat-${name}`)]);
  return { status, ...Object.fromEntries(ours) };
}

async function interrupt({ shell, ended }: Started): Promise<void> {
  const pid = shell.pid ?? 0;
  const started = processesBelow(pid);
  process.kill(-pid, "SIGINT");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000))]);
  assert.deepEqual(stillRunning([pid, ...started]), []);
}

async function tryClone(folder: string): Promise<void> {
  await step("git clone", () =>
    execFileSync("git", ["clone", "--quiet", "--no-hardlinks", repository, folder]),
  );
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const router = start(folder, port);
  try {
    const isReady = await step("npm ci && npm start", async () => {
      await untilReady(router);
      return true;
    });
    if (isReady === true) await askRouter(folder, url, router.output());
    await step("Ctrl-C leaves nothing behind", () => interrupt(router));
  } finally {
    const { pid } = router.shell;
    if (pid !== undefined && stillRunning([pid]).length > 0) process.kill(-pid, "SIGTERM");
  }
}

async function askRouter(folder: string, url: string, output: string): Promise<void> {
  const key = /App key\s+(\S+)/.exec(output)?.[1] ?? "";
  const token = /Admin token\s+(\S+)/.exec(output)?.[1] ?? "";
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const first = await step("the README's line is served by the second candidate", () => {
    const shown = tryReadmeLine(readme, { url, key });
    const expected = { status: 200, failover: "quota_exhausted", attempts: "2" };
    assert.deepEqual(headersOf(shown), expected, shown.body);
    return shown;
  });
  await step("the second time the exhausted account is not asked", () => {
    const shown = tryReadmeLine(readme, { url, key });
    const expected = { status: 200, failover: "circuit_open", attempts: "1" };
    assert.deepEqual(headersOf(shown), expected, shown.body);
  });
  await step("its decision says why", async () => {
    const id = first?.headers.get("x-lifeboat-decision") ?? "";
    const decision = await readDecision(url, id, token);
    assert.match(JSON.stringify(decision), /"outcome":"quota_exhausted".*"outcome":"ok"/);
  });
}

const folder = mkdtempSync(join(tmpdir(), "lifeboat-clone-"));
try {
  await tryClone(join(folder, "lifeboat"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);

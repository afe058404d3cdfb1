import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.ts";
import { processesBelow, stillRunning } from "../../scripts/processes.ts";
import type { Decision } from "../../src/contract/decision.ts";

export const repository = join(import.meta.dirname, "../..");
export const appKey = "outside-key";
const adminToken = "outside-admin";

/** A router as a user runs it, on a port and a database of its own. */
export interface RunningRouter {
  readonly url: string;
  readonly pid: number;
  /** All that it has printed. */
  output(): string;
  /** Asks the app's side, with the app's key unless the headers bring another. */
  post(body: unknown, init?: RequestInit): Promise<Response>;
  admin(path: string, init?: RequestInit): Promise<Response>;
  /** Puts a config in force; its version. */
  putConfig(config: object): Promise<number>;
  /** A decision, once it is written. */
  decision(id: string | null): Promise<Decision>;
  /** Sends a signal, waits for the end, and tells the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Runs what `npm start` runs, until it has said how to try it. The secrets are `vars` and nothing
 * else: the developer's own `.dev.vars` has no part in a test.
 */
export async function startRouter(
  vars: Readonly<Record<string, string>> = { LIFEBOAT_ADMIN_TOKEN: adminToken },
): Promise<RunningRouter> {
  const port = await freePort();
  const home = mkdtempSync(join(tmpdir(), "lifeboat-"));
  const secrets = Object.entries({ LIFEBOAT_KEYS: appKey, ...vars });
  const envFile = join(home, "env");
  writeFileSync(envFile, secrets.map(([name, value]) => `${name}="${value}"\n`).join(""));
  const flags = ["--port", String(port), "--persist-to", join(home, "state")];
  const router = run([...flags, "--env-file", envFile]);
  await router.ready;
  const url = `http://localhost:${port}`;
  const admin: RunningRouter["admin"] = (path, init = {}) =>
    fetch(`${url}/admin${path}`, { ...init, headers: { authorization: `Bearer ${adminToken}` } });
  return {
    url,
    pid: router.pid,
    output: router.output,
    post: (body, init) => post(`${url}/v1/chat/completions`, body, init),
    admin,
    putConfig: async (config) => {
      const response = await admin("/config", { method: "PUT", body: JSON.stringify(config) });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json<{ version: number }>()).version;
    },
    decision: (id) =>
      eventually(async () => {
        const found = await admin(`/decisions/${id}`);
        if (found.ok) return found.json<Decision>();
        await found.body?.cancel();
        return undefined;
      }),
    stop: async (signal = "SIGTERM") => {
      const code = await router.stop(signal);
      rmSync(home, { recursive: true, force: true });
      return code;
    },
  };
}

const stopsWithinMs = 10_000;

interface Run {
  readonly pid: number;
  readonly ready: Promise<void>;
  readonly output: () => string;
  readonly stop: (signal: NodeJS.Signals) => Promise<number | null>;
}

function run(args: readonly string[]): Run {
  const script = join(repository, "scripts/start.ts");
  const router = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const ended = new Promise<number | null>((resolve) => router.on("exit", resolve));
  const ready = new Promise<void>((resolve, reject) => {
    const hear = (data: Buffer): void => {
      output += data.toString();
      if (output.includes("Try it")) resolve();
    };
    router.stdout.on("data", hear);
    router.stderr.on("data", hear);
    void ended.then((code) => reject(new Error(`the router ended with ${code}:\n${output}`)));
  });
  return {
    pid: router.pid ?? 0,
    ready,
    output: () => output,
    stop: async (signal) => {
      const started = processesBelow(router.pid ?? 0);
      router.kill(signal);
      const code = await Promise.race([ended, pause(stopsWithinMs)]);
      if (code !== undefined) return code;
      // A test that failed must not leave it running.
      for (const pid of [...stillRunning(started), router.pid ?? 0]) process.kill(pid, "SIGKILL");
      throw new Error(`the router did not end within ${stopsWithinMs} ms`);
    },
  };
}

/** A body that is no string is sent as JSON. */
function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", `Bearer ${appKey}`);
  headers.set("content-type", "application/json");
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return fetch(url, { ...init, method: "POST", body: text, headers });
}

/** Asks again until there is an answer; what happens behind a response takes a moment. */
export async function eventually<T>(
  ask: () => Promise<T | undefined>,
  withinMs = 5_000,
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`nothing came within ${withinMs} ms`);
    await pause(50);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

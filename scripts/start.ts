/**
 * `npm start`: a router on this machine, ready to use. Applies the migrations to the local
 * database, makes the local secrets, starts `wrangler dev` and says what it found.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { ensureDevVars, type LocalSecrets } from "./dev-vars.ts";
import { flagValue, givenVars } from "./wrangler-args.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const wrangler = fileURLToPath(
  new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url),
);
const environment = {
  ...process.env,
  // Neither is needed to run locally, and both fail noisily without a network.
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_SEND_METRICS: "false",
};
const readyWithinMs = 90_000;

interface Address {
  readonly host: string;
  readonly port: number;
}

async function main(args: readonly string[]): Promise<void> {
  const address = addressOf(args);
  if (await isTaken(address)) {
    fail(`Port ${address.port} is in use. Stop what uses it, or: npm start -- --port <another>`);
  }
  const secrets = ensureDevVars(`${root}/.dev.vars`, givenVars(args));
  migrate(args);
  const router = startRouter(args, address.port);
  const report = await untilReady(router, address);
  announce(address, secrets, report);
}

function addressOf(args: readonly string[]): Address {
  const port = Number(flagValue(args, "--port") ?? "8787");
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail("--port takes a port's number.");
  const ip = flagValue(args, "--ip");
  const everywhere = ip === undefined || ip === "*" || ip === "0.0.0.0" || ip === "::";
  return { host: everywhere ? "localhost" : ip, port };
}

function isTaken({ host, port }: Address): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function migrate(args: readonly string[]): void {
  const persistTo = flagValue(args, "--persist-to");
  const target = persistTo === undefined ? [] : ["--persist-to", persistTo];
  const command = [wrangler, "d1", "migrations", "apply", "DB", "--local", ...target];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    env: { ...environment, CI: "true" },
    encoding: "utf8",
  });
  if (status !== 0) fail(`The migrations could not be applied.\n${stdout}\n${stderr}`);
}

interface Router {
  readonly process: ChildProcess;
  /** What it has printed before it was ready. */
  readonly said: string[];
  /** From now on what it prints is passed on. */
  unmute(): void;
}

function startRouter(args: readonly string[], port: number): Router {
  const ownPort = flagValue(args, "--port") === undefined ? ["--port", String(port)] : [];
  const ours = [...ownPort, "--show-interactive-dev-session=false", "--var", "LIFEBOAT_LOCAL:true"];
  const router = spawn(process.execPath, [wrangler, "dev", ...args, ...ours], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that it ends with all that it started.
    detached: true,
  });
  const said: string[] = [];
  let muted = true;
  const pass = (target: NodeJS.WriteStream) => (data: Buffer) => {
    if (muted) said.push(data.toString());
    else target.write(data);
  };
  router.stdout.on("data", pass(process.stdout));
  router.stderr.on("data", pass(process.stderr));
  router.on("exit", (code, signal) => {
    if (muted) process.stderr.write(said.join(""));
    if (muted && signal === null) console.error(`wrangler dev ended (code ${code}).`);
    process.exit(code ?? (stopping ? 0 : 1));
  });
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopping = true;
      endGroup(router, "SIGTERM");
      setTimeout(() => endGroup(router, "SIGKILL"), 5_000).unref();
    });
  }
  process.on("exit", () => endGroup(router, "SIGKILL"));
  return { process: router, said, unmute: () => (muted = false) };
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

interface Report {
  readonly providers: readonly { name: string; ready: boolean; reason: string | null }[];
}

async function untilReady(router: Router, { host, port }: Address): Promise<Report> {
  const end = Date.now() + readyWithinMs;
  while (Date.now() < end) {
    const report = await askReadiness(`http://${host}:${port}`);
    if (report !== null) {
      router.unmute();
      return report;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  fail(`The router was not ready within ${readyWithinMs / 1000} s.\n${router.said.join("")}`);
}

async function askReadiness(base: string): Promise<Report | null> {
  try {
    const alive = await fetch(`${base}/healthz`);
    if (!alive.ok) return null;
    const response = await fetch(`${base}/readyz`);
    const value: unknown = await response.json();
    return isReport(value) ? value : null;
  } catch {
    return null;
  }
}

function isReport(value: unknown): value is Report {
  return typeof value === "object" && value !== null && "providers" in value;
}

function announce({ host, port }: Address, { appKey, adminToken }: LocalSecrets, report: Report) {
  const base = `http://${host}:${port}/v1`;
  const providers = report.providers.map(
    ({ name, ready, reason }) => `  ${name}: ${ready ? "ready" : reason}`,
  );
  console.log(`
Lifeboat is ready.

  Base URL     ${base}
  App key      ${appKey}   (LIFEBOAT_KEYS in .dev.vars)
  Admin token  ${adminToken}   (LIFEBOAT_ADMIN_TOKEN in .dev.vars)

Providers
${providers.join("\n")}

Try it
  curl -i ${base}/chat/completions -H "Authorization: Bearer ${appKey}" -H "Content-Type: application/json" -d '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello!"}]}'
`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

await main(process.argv.slice(2));

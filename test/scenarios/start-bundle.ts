import { execFileSync, spawn } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.ts";
import { appKey, eventually, repository } from "./start-router.ts";

/** The deployed bundle on workerd itself: no proxy of wrangler's in front, and no database. */
export interface RunningBundle {
  readonly url: string;
  readonly pid: number;
  /** All that the Worker has logged. */
  output(): string;
  stop(): Promise<void>;
}

/** Bundles the Worker as a deploy does, around a config of the test's own or the one it has. */
export async function startBundle(
  config: object | null,
  flags: readonly string[] = [],
): Promise<RunningBundle> {
  const port = await freePort();
  const files = { "workerd.capnp": workerdConfig(port, lifeboatParts) };
  return serveBundle(config, { url: `http://127.0.0.1:${port}`, files, flags });
}

/** Where a bundle answers, and what is put beside it: `workerd.capnp`, and what that embeds. */
interface Serving {
  readonly url: string;
  readonly files: Readonly<Record<string, string>>;
  /** For workerd. */
  readonly flags?: readonly string[];
}

/** Bundles as `startBundle` does, and runs the bundle as the caller's `workerd.capnp` says. */
export async function serveBundle(config: object | null, serving: Serving): Promise<RunningBundle> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-"));
  const parts = ["src", "providers", "wrangler.toml", "package.json", "tsconfig.json", configFile];
  for (const part of parts) {
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  }
  if (config !== null) {
    writeFileSync(join(folder, configFile), `export default ${JSON.stringify(config)};\n`);
  }
  bundle(folder, []);
  return serve(folder, serving);
}

/** Bundles any other Worker the same way, and runs it under the same date and flags. */
export async function startWorker(entry: string): Promise<RunningBundle> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-"));
  cpSync(join(repository, "wrangler.toml"), join(folder, "wrangler.toml"));
  cpSync(join(repository, entry), join(folder, "index.ts"));
  bundle(folder, ["index.ts"]);
  const port = await freePort();
  const files = { "workerd.capnp": workerdConfig(port, "") };
  return serve(folder, { url: `http://127.0.0.1:${port}`, files });
}

async function serve(folder: string, { url, files, flags = [] }: Serving): Promise<RunningBundle> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, "dist", name), text);
  const state = join(folder, "state");
  mkdirSync(state);
  const command = join(repository, "node_modules/workerd/bin/workerd");
  const args = [
    "serve",
    ...flags,
    "--experimental",
    `--directory-path=disk=${state}`,
    join(folder, "dist/workerd.capnp"),
  ];
  const workerd = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const hear = (data: Buffer): void => {
    output += data.toString();
  };
  workerd.stdout.on("data", hear);
  workerd.stderr.on("data", hear);
  const ended = new Promise<void>((resolve) => workerd.on("exit", () => resolve()));
  await eventually(() =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => (ok ? true : undefined),
      () => undefined,
    ),
  ).catch(() => {
    throw new Error(`workerd does not answer:\n${output}`);
  });
  return {
    url,
    pid: workerd.pid ?? 0,
    output: () => output,
    stop: async () => {
      workerd.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const configFile = "lifeboat.config.ts";

function bundle(folder: string, flags: readonly string[]): void {
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const wrangler = join(repository, "node_modules/wrangler/bin/wrangler.js");
  const deploy = [wrangler, "deploy", ...flags, "--dry-run", "--outdir", "dist"];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  execFileSync(process.execPath, deploy, { cwd: folder, env, stdio: "pipe" });
}

/** The compatibility date and flags of the deployment. */
export function compatibility(): string {
  const toml = readFileSync(join(repository, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "(.*)"/m.exec(toml)?.[1];
  const flags = [...toml.matchAll(/^ {2}("\w+"),$/gm)].map(([, flag]) => flag);
  return `compatibilityDate = "${date}", compatibilityFlags = [${flags.join(", ")}]`;
}

/** The database is left out, as if it were down. */
function workerdConfig(port: number, extra: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "disk", disk = (writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "index.js")],
  ${compatibility()},
${extra});
`;
}

const lifeboatParts = `  bindings = [
    (name = "LIFEBOAT_KEYS", text = "${appKey}"),
    (name = "FLEET", durableObjectNamespace = "Fleet"),
  ],
  durableObjectNamespaces = [(className = "Fleet", uniqueKey = "fleet", enableSql = true)],
  durableObjectStorage = (localDisk = "disk"),
`;

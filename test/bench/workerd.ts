import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { freePort } from "../../scripts/free-port.ts";
import { eventually, repository } from "../scenarios/start-router.ts";
import { processCost, type ProcessCost } from "./process-cost.ts";

export interface Bundle {
  readonly folder: string;
  readonly main: string;
}

export interface WorkerOptions {
  readonly bundle: Bundle;
  /** Text bindings. */
  readonly vars: Readonly<Record<string, string>>;
  /** Lifeboat's own bindings: its Durable Object, and the database at this address. */
  readonly database: Database | null;
  /** Where the process keeps its config. */
  readonly home: string;
}

export interface RunningWorker {
  readonly url: string;
  /** Where a profiler connects to. */
  readonly inspector: string;
  output(): string;
  cost(): ProcessCost | null;
  stop(): Promise<void>;
}

/** Starts workerd itself, as it runs deployed: no wrangler, no proxy in front. */
export async function startWorkerd(options: WorkerOptions): Promise<RunningWorker> {
  const port = await freePort();
  return run(options.home, port, workerConfig(options, port));
}

async function run(home: string, port: number, config: string): Promise<RunningWorker> {
  mkdirSync(home, { recursive: true });
  const inspectorPort = await freePort();
  const file = join(home, "workerd.capnp");
  writeFileSync(file, config);
  const command = join(repository, "node_modules/workerd/bin/workerd");
  const inspector = `127.0.0.1:${inspectorPort}`;
  const args = ["serve", "--experimental", `--inspector-addr=${inspector}`, file];
  const workerd = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const hear = (data: Buffer): void => {
    output = (output + data.toString()).slice(-100_000);
  };
  workerd.stdout.on("data", hear);
  workerd.stderr.on("data", hear);
  const ended = new Promise<void>((resolve) => workerd.on("exit", () => resolve()));
  return {
    url: `http://127.0.0.1:${port}`,
    inspector,
    output: () => output,
    cost: () => processCost(workerd.pid ?? 0),
    stop: async () => {
      workerd.kill();
      await ended;
    },
  };
}

/** Waits until it answers, whatever it says. */
export async function answering(worker: {
  readonly url: string;
  output?(): string;
}): Promise<void> {
  const asked = async (): Promise<true | undefined> => {
    try {
      await (await fetch(`${worker.url}/healthz`)).arrayBuffer();
      return true;
    } catch {
      return undefined;
    }
  };
  await eventually(asked).catch(() => {
    throw new Error(`workerd does not answer:\n${worker.output?.() ?? worker.url}`);
  });
}

function workerConfig({ bundle, vars, database, home }: WorkerOptions, port: number): string {
  const texts = Object.entries(vars).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)}),`,
  );
  const bindings = [...texts, ...(database === null ? [] : lifeboatBindings)];
  const main = relative(home, join(bundle.folder, bundle.main));
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"])),
    ${database === null ? "" : lifeboatServices(database, home)}
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "${main}")],
${deployedFlags()}
  bindings = [
    ${bindings.join("\n    ")}
  ],
${database === null ? "" : lifeboatObjects}
);
`;
}

/** The date and the flags are the deployed ones, for every Worker that is measured. */
function deployedFlags(): string {
  const toml = readFileSync(join(repository, "wrangler.toml"), "utf8");
  const date = /^compatibility_date = "(.*)"/m.exec(toml)?.[1];
  const flags = [...toml.matchAll(/^ {2}("\w+"),$/gm)].map(([, flag]) => flag);
  return `  compatibilityDate = "${date}",\n  compatibilityFlags = [${flags.join(", ")}],`;
}

const lifeboatBindings = [
  `(name = "FLEET", durableObjectNamespace = "Fleet"),`,
  `(name = "DB", wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [(name = "fetcher", service = "d1")])),`,
];

/** An object's SQL is only there with storage on a disk. */
const lifeboatObjects = `  durableObjectNamespaces = [(className = "Fleet", uniqueKey = "fleet", enableSql = true)],
  durableObjectStorage = (localDisk = "objects"),
`;

function lifeboatServices({ address }: Database, home: string): string {
  const objects = join(home, "objects");
  mkdirSync(objects, { recursive: true });
  return `(name = "d1", external = (address = "${address}", http = ())),
    (name = "objects", disk = (path = "${objects}", writable = true)),`;
}

/** A D1 database, and its SQLite file. */
export interface Database {
  readonly address: string;
  readonly file: string;
  stop(): Promise<void>;
}

/**
 * D1 as wrangler runs it locally: miniflare's own Worker over SQLite, without miniflare's proxy,
 * and in a process of its own, as the real one is on another machine.
 */
export async function startDatabase(home: string): Promise<Database> {
  const files = join(home, "files");
  mkdirSync(files, { recursive: true });
  const port = await freePort();
  const worker = await run(home, port, databaseConfig(home, files, port));
  await answering(worker);
  // The first query makes the file.
  await fetch(`${worker.url}/query`, { method: "POST", body: '{"sql":"select 1"}' });
  const folder = join(files, objectKey);
  const name = readdirSync(folder).find(
    (found) => found.endsWith(".sqlite") && found !== "metadata.sqlite",
  );
  if (name === undefined) throw new Error(`D1 made no database:\n${worker.output()}`);
  const file = join(folder, name);
  migrate(file);
  return { address: worker.url.slice("http://".length), file, stop: () => worker.stop() };
}

function migrate(file: string): void {
  const database = new DatabaseSync(file);
  const folder = join(repository, "migrations");
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith(".sql")) database.exec(readFileSync(join(folder, name), "utf8"));
  }
  database.close();
}

const objectKey = "miniflare-D1DatabaseObject";

const require = createRequire(import.meta.url);
const d1Workers = join(
  dirname(createRequire(require.resolve("wrangler/package.json")).resolve("miniflare")),
  "workers",
);

function databaseConfig(home: string, files: string, port: number): string {
  const source = (path: string): string => `embed "${relative(home, join(d1Workers, path))}"`;
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "entry", worker = (
      compatibilityDate = "2023-07-24",
      modules = [(name = "entry.js", esModule = ${source("shared/object-entry.worker.js")})],
      bindings = [
        (name = "MINIFLARE_NAMESPACE", text = "bench"),
        (name = "MINIFLARE_OBJECT", durableObjectNamespace = (className = "D1DatabaseObject", serviceName = "database")),
      ],
    )),
    (name = "files", disk = (path = "${files}", writable = true)),
    (name = "database", worker = (
      compatibilityDate = "2023-07-24",
      compatibilityFlags = ["nodejs_compat", "experimental"],
      modules = [(name = "database.js", esModule = ${source("d1/database.worker.js")})],
      durableObjectNamespaces = [(className = "D1DatabaseObject", uniqueKey = "${objectKey}")],
      durableObjectStorage = (localDisk = "files"),
      bindings = [(name = "MINIFLARE_BLOBS", service = "files")],
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "entry")],
  extensions = [(modules = [
    (name = "miniflare:shared", esModule = ${source("shared/index.worker.js")}),
    (name = "miniflare:zod", esModule = ${source("shared/zod.worker.js")}),
  ])],
);
`;
}

import { fork, spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "../../scripts/free-port.ts";
import { eventually } from "../scenarios/start-router.ts";
import type { Ask } from "./load.ts";
import { installPortkey } from "./portkey.ts";
import { processCost, type ProcessCost } from "./process-cost.ts";
import { answering, startDatabase, startWorkerd, type Bundle, type Database } from "./workerd.ts";

/** What the upstream answers with; the name of a route of Lifeboat's as well. */
const answers = ["answer-1k", "answer-100k", "stream", "paced", "limited"] as const;
export type Answer = (typeof answers)[number];

/** One thing that stands between an app and a provider. */
export interface Subject {
  readonly name: string;
  readonly url: string;
  /** A chat request of this one's own dialect that the upstream answers so. */
  ask(answer: Answer, promptBytes?: number): Ask;
  cost(): ProcessCost | null;
  stop(): Promise<void>;
}

/** A subject that fails over. */
export interface Gateway extends Subject {
  /** The first provider says 429, the second serves. `turn` names a candidate that nobody has met. */
  failover(turn: string): Ask;
}

export interface Upstream {
  readonly url: string;
  calls(): Promise<Readonly<Record<string, number>>>;
  stop(): void;
}

export async function startUpstream(): Promise<Upstream> {
  const upstream = fork(join(import.meta.dirname, "upstream.ts"));
  const port = await new Promise<number>((resolve) => {
    upstream.once("message", (told) => resolve(Number(told)));
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    calls: async () => (await fetch(`${url}/calls`)).json<Record<string, number>>(),
    stop: () => upstream.kill(),
  };
}

const key = "bench-key";
const adminToken = "bench-admin";

/** A provider for each answer, a route for each provider, and one route that fails over. */
export function lifeboatConfig(upstream: Upstream) {
  const provider = (name: Answer) => ({
    kind: "openai-compatible",
    baseUrl: `${upstream.url}/${name}/v1`,
  });
  return {
    providers: Object.fromEntries(answers.map((name) => [name, provider(name)])),
    routes: {
      ...Object.fromEntries(answers.map((name) => [name, [`${name}/bench`]])),
      "*": ["limited/*", "answer-1k/bench"],
    },
  };
}

export interface Lifeboat extends Gateway {
  /** The SQLite file behind D1. */
  readonly databaseFile: string;
  readonly inspector: string;
  /** What its process has logged. */
  output(): string;
  putConfig(config: object): Promise<void>;
}

export async function startLifeboat(name: string, bundle: Bundle, home: string): Promise<Lifeboat> {
  const database = await startDatabase(join(home, "d1"));
  const lifeboat = await launchLifeboat(name, { bundle, database, home });
  await answering(lifeboat);
  return {
    ...lifeboat,
    stop: async () => {
      await lifeboat.stop();
      await database.stop();
    },
  };
}

/** Starts the process alone, over a database that is there, and does not wait for it. */
export async function launchLifeboat(
  name: string,
  { bundle, database, home }: { bundle: Bundle; database: Database; home: string },
): Promise<Lifeboat> {
  const vars = { LIFEBOAT_KEYS: key, LIFEBOAT_ADMIN_TOKEN: adminToken };
  const worker = await startWorkerd({ bundle, vars, database, home });
  const ask = (model: string, stream: boolean, promptBytes?: number): Ask => ({
    url: `${worker.url}/v1/chat/completions`,
    headers: { authorization: `Bearer ${key}` },
    body: chatBody(model, stream, promptBytes),
  });
  return {
    name,
    url: worker.url,
    inspector: worker.inspector,
    databaseFile: database.file,
    ask: (answer, promptBytes) => ask(answer, isStream(answer), promptBytes),
    failover: (turn) => ask(turn, false),
    cost: () => worker.cost(),
    putConfig: async (config) => {
      const response = await fetch(`${worker.url}/admin/config`, {
        method: "PUT",
        headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
        body: JSON.stringify(config),
      });
      if (!response.ok) throw new Error(await response.text());
    },
    output: () => worker.output(),
    stop: () => worker.stop(),
  };
}

export async function launchPassThrough(
  bundle: Bundle,
  upstream: Upstream,
  home: string,
): Promise<Subject> {
  const vars = { UPSTREAM: upstream.url };
  const worker = await startWorkerd({ bundle, vars, database: null, home });
  return {
    name: "pass-through",
    url: worker.url,
    ask: (answer, promptBytes) => ({
      url: `${worker.url}/${answer}/v1/chat/completions`,
      headers: { authorization: `Bearer ${key}` },
      body: chatBody("bench", isStream(answer), promptBytes),
    }),
    cost: () => worker.cost(),
    stop: () => worker.stop(),
  };
}

/** Portkey's gateway on workerd and on Node; nothing where it cannot be installed. */
export async function startPortkeys(home: string, upstream: Upstream): Promise<Gateway[]> {
  const portkey = installPortkey(home);
  const vars = { NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1,localhost" };
  const worker = await startWorkerd({
    bundle: portkey.bundle(),
    vars,
    database: null,
    home: join(home, "portkey-on-workerd"),
  });
  await answering(worker);
  const port = await freePort();
  const env = { ...process.env, ...vars };
  const args = [portkey.server, `--port=${port}`, "--headless"];
  const node = spawn(process.execPath, args, { env, stdio: "ignore" });
  const nodeUrl = `http://127.0.0.1:${port}`;
  await eventually(() =>
    fetch(nodeUrl).then(
      () => true as const,
      () => undefined,
    ),
  );
  return [
    {
      ...portkeyDialect("Portkey on workerd", worker.url, upstream),
      cost: () => worker.cost(),
      stop: () => worker.stop(),
    },
    {
      ...portkeyDialect("Portkey on Node", nodeUrl, upstream),
      cost: () => processCost(node.pid ?? 0),
      stop: async () => {
        node.kill();
      },
    },
  ];
}

function portkeyDialect(name: string, base: string, upstream: Upstream) {
  const url = `${base}/v1/chat/completions`;
  const host = (answer: Answer): string => `${upstream.url}/${answer}/v1`;
  const target = (answer: Answer) => ({
    provider: "openai",
    api_key: key,
    custom_host: host(answer),
  });
  return {
    name,
    url: base,
    ask: (answer: Answer, promptBytes?: number): Ask => ({
      url,
      headers: {
        authorization: `Bearer ${key}`,
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": host(answer),
      },
      body: chatBody("bench", isStream(answer), promptBytes),
    }),
    failover: (): Ask => ({
      url,
      headers: {
        "x-portkey-config": JSON.stringify({
          strategy: { mode: "fallback", on_status_codes: [429] },
          targets: [target("limited"), target("answer-1k")],
        }),
      },
      body: chatBody("bench", false),
    }),
  };
}

function isStream(answer: Answer): boolean {
  return answer === "stream" || answer === "paced";
}

function chatBody(model: string, stream: boolean, promptBytes = 1024): string {
  const content = "word ".repeat(Math.ceil(promptBytes / 5));
  return JSON.stringify({ model, stream, messages: [{ role: "user", content }] });
}

import type { DrizzleD1Database } from "drizzle-orm/d1";
import { Hono } from "hono";
import type { Compiled } from "../config/compile.ts";
import { listConfigVersions, putConfig, readConfigVersion } from "../config/config-store.ts";
import { bundledMark, type ConfigHolder } from "../config/config-holder.ts";
import type { Clock } from "../contract/edges.ts";
import { Refusal } from "../contract/refusal.ts";
import { log } from "./log.ts";
import { notFound } from "./not-found.ts";

/** What config changes need of the isolate. */
export interface Configured {
  readonly db: DrizzleD1Database;
  readonly config: ConfigHolder;
  compile(raw: unknown): Compiled;
  /** Makes every isolate take over what was stored; rejects when the fleet cannot be reached. */
  spreadConfig(): Promise<void>;
}

/** `/admin/config`: the config in force, its history, and hot changes of it. */
export function configApi(configured: () => Configured, clock: Clock): Hono {
  const api = new Hono();

  api.get("/", (context) => {
    const { version, active } = configured().config;
    return context.json({ version, config: active.source });
  });

  api.put("/", async (context) => {
    const raw: unknown = await context.req.json().catch(() => undefined);
    if (raw === undefined) throw notJson();
    return storeConfig(configured(), raw, clock.now());
  });

  api.get("/versions", async (context) =>
    context.json({ versions: await listConfigVersions(configured().db) }),
  );

  api.get("/versions/:version", async (context) => {
    const { version, config } = await storedVersion(configured(), context.req.param("version"));
    return context.json({ version, config });
  });

  api.post("/rollback/:version", async (context) => {
    const own = configured();
    const wanted = context.req.param("version");
    if (wanted === "0") return keepConfig(own, bundledMark, clock.now());
    const { config } = await storedVersion(own, wanted);
    return config === bundledMark
      ? keepConfig(own, bundledMark, clock.now())
      : storeConfig(own, config, clock.now());
  });

  return api;
}

/** `config` is null where that version was a return to the bundled file. */
async function storedVersion(
  { db }: Configured,
  wanted: string,
): Promise<{ version: number; config: unknown }> {
  const version = Number(wanted);
  const text = Number.isSafeInteger(version) ? await readConfigVersion(db, version) : null;
  if (text === null) throw notFound(`There is no config version ${wanted}.`);
  return { version, config: JSON.parse(text) };
}

function notJson(): Refusal {
  return new Refusal(422, {
    type: "invalid_request_error",
    code: "invalid_json",
    message: "The body is not valid JSON; send the whole config as one JSON object.",
  });
}

/** Checks, stores and spreads a config; a bad one changes nothing. */
async function storeConfig(configured: Configured, raw: unknown, now: number): Promise<Response> {
  const compiled = configured.compile(raw);
  if (!compiled.ok) {
    const [first] = compiled.issues;
    const message =
      first === undefined ? "The config is not valid." : `${first.path}: ${first.reason}`;
    const error = {
      message,
      type: "invalid_request_error",
      param: first?.path ?? null,
      code: "invalid_config",
      issues: compiled.issues,
    };
    return Response.json({ error }, { status: 422 });
  }
  return keepConfig(configured, raw, now);
}

async function keepConfig(configured: Configured, raw: unknown, now: number): Promise<Response> {
  const version = await putConfig(configured.db, raw, now);
  let spread = true;
  try {
    await configured.spreadConfig();
  } catch (error) {
    // Stored it is; the isolates find it when the fleet's object reads the database again.
    log("config_not_spread", { version, error });
    spread = false;
  }
  return Response.json({ version, spread });
}

import type { DrizzleD1Database } from "drizzle-orm/d1";
import { Hono } from "hono";
import type { Compiled } from "../config/compile.ts";
import { listConfigVersions, putConfig, readConfigVersion } from "../config/config-store.ts";
import type { ConfigHolder } from "../config/config-holder.ts";
import type { Clock } from "../contract/edges.ts";
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
    return storeConfig(configured(), raw, clock.now());
  });

  api.get("/versions", async (context) =>
    context.json({ versions: await listConfigVersions(configured().db) }),
  );

  api.post("/rollback/:version", async (context) => {
    const wanted = context.req.param("version");
    const version = Number(wanted);
    const text = Number.isSafeInteger(version)
      ? await readConfigVersion(configured().db, version)
      : null;
    if (text === null) throw notFound(`There is no config version ${wanted}.`);
    return storeConfig(configured(), JSON.parse(text), clock.now());
  });

  return api;
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

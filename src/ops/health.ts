import { sql } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Switchboard } from "../circuit/switchboard.ts";
import type { ActiveConfig } from "../config/compile.ts";
import type { Clock } from "../contract/edges.ts";
import type { ReadinessBoard } from "./readiness.ts";

export interface Observed {
  readonly db: DrizzleD1Database;
  readonly config: { readonly active: ActiveConfig; readonly version: number };
  readonly circuits: Switchboard;
  readonly readiness: ReadinessBoard;
}

/**
 * `GET /readyz`: 200 when the store answers and every route has a candidate that could be tried;
 * else 503. It says which providers are ready, and holds no secret.
 */
export async function readinessReport(observed: Observed, clock: Clock): Promise<Response> {
  const { active } = observed.config;
  const accounts = [...active.accounts.values()];
  const [database] = await Promise.all([
    databaseAnswers(observed.db),
    observed.readiness.checkLocal(accounts),
  ]);
  const now = clock.now();
  const routes = Object.fromEntries(
    [...active.routeNames, "*"].flatMap((name) => {
      const route = active.routeFor(name);
      return route === null ? [] : [[name, hasCandidate(route.candidates, observed, now)] as const];
    }),
  );
  const ready = database && Object.values(routes).every(Boolean);
  const providers = observed.readiness.list(accounts);
  const checks = { config: true, database, routes };
  const { version: configVersion } = observed.config;
  return Response.json({ ready, checks, providers, configVersion }, { status: ready ? 200 : 503 });
}

function hasCandidate(
  candidates: NonNullable<ReturnType<ActiveConfig["routeFor"]>>["candidates"],
  { circuits, readiness }: Observed,
  now: number,
): boolean {
  return candidates.some(
    (candidate) =>
      candidate.account.provider !== null &&
      circuits.look(candidate, now).state !== "open" &&
      readiness.unreachable(candidate.account.name, now) === null,
  );
}

async function databaseAnswers(db: DrizzleD1Database): Promise<boolean> {
  try {
    await db.get(sql`select version from config_versions limit 1`);
    return true;
  } catch {
    return false;
  }
}

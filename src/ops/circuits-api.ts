import type { FleetReport, Operation } from "../contract/circuit.ts";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { Hono } from "hono";
import { z } from "zod";
import type { ListedCircuit, Switchboard } from "../circuit/switchboard.ts";
import type { ConfigHolder } from "../config/config-holder.ts";
import type { FleetView } from "../contract/decision.ts";
import type { Clock } from "../contract/edges.ts";
import { Refusal } from "../contract/refusal.ts";
import { listCircuitEvents } from "../ledger/circuit-events.ts";
import { log } from "./log.ts";
import { wrongQuery } from "./wrong-query.ts";

/** What operators of circuits need of the isolate. */
export interface Steered {
  readonly db: DrizzleD1Database;
  readonly config: ConfigHolder;
  readonly circuits: Switchboard;
  readonly fleet: { view(): FleetView };
  /** Rejects when the fleet cannot be reached, as `operate` does. */
  fleetReports(): Promise<readonly FleetReport[]>;
  operate(operation: Operation): Promise<void>;
}

/** How long a circuit stays open by an operator who does not say it. */
const openForMs = 3_600_000;
const mostOpenMs = 7 * 86_400_000;

const eventQuery = z.strictObject({
  scope: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** A pattern would match nothing, and leave an operator believing that it did. */
const scope = z
  .string()
  .max(500)
  .regex(
    /^[^/\s*]+(?:\/[^/\s*][^\s*]*)?$/,
    "a scope is a provider or provider/model, and no pattern",
  );
const closing = z.strictObject({ scope });
const opening = z.strictObject({
  scope,
  /** ms UTC. */
  until: z.int().positive().exactOptional(),
  ms: z.int().positive().max(mostOpenMs).exactOptional(),
});

/** `/admin/circuits`: what the whole fleet knows of every scope, its history, and an operator's hand on it. */
export function circuitsApi(steered: () => Steered, clock: Clock): Hono {
  const api = new Hono();

  api.get("/", async (context) => context.json(await showCircuits(steered(), clock)));

  api.get("/events", async (context) => {
    const query = eventQuery.safeParse(context.req.query());
    if (!query.success) throw wrongQuery(query.error.issues[0]);
    return context.json(await listCircuitEvents(steered().db, query.data));
  });

  api.post("/close", async (context) => {
    const asked = closing.safeParse(await readJson(context.req.raw));
    if (!asked.success) throw wrongBody(asked.error.issues[0]);
    return context.json(await operate(steered(), { scope: asked.data.scope, to: "closed" }, clock));
  });

  api.post("/open", async (context) => {
    const asked = opening.safeParse(await readJson(context.req.raw));
    if (!asked.success) throw wrongBody(asked.error.issues[0]);
    const { scope: named, until, ms } = asked.data;
    if (until !== undefined && ms !== undefined) throw invalid("ms", "say until or ms, not both");
    const forMs = until === undefined ? (ms ?? openForMs) : until - clock.now();
    if (forMs <= 0) throw invalid("until", "until lies in the past");
    const bounded = Math.min(forMs, mostOpenMs);
    return context.json(
      await operate(steered(), { scope: named, to: "open", forMs: bounded }, clock),
    );
  });

  return api;
}

async function showCircuits(steered: Steered, clock: Clock): Promise<object> {
  const reports = await steered.fleetReports().catch((error: unknown) => {
    log("fleet_unreachable", { error });
    return [];
  });
  const shared = new Map(
    reports.flatMap(({ circuits, isolates }) =>
      circuits.map((one) => [one.scope, { ...one, of: isolates.length }] as const),
    ),
  );
  const circuits = steered.circuits.list(clock.now()).map((own) => {
    const { lease = null, informed = 0, of = 0 } = shared.get(own.scope) ?? {};
    return { ...present(own), lease, isolates: { informed, of } };
  });
  const isolates = reports.flatMap((report) => report.isolates);
  return { circuits, fleet: { view: steered.fleet.view(), isolates } };
}

/** After a sync what is known here is what the fleet knows, and whatever it could not be told yet. */
function present({ scope: name, state, since, until, reason, ramp, record }: ListedCircuit) {
  const { openings, generation, lastFailure } = record;
  const share = state === "closed" ? 1 : (ramp?.share ?? 0);
  const reopens = state === "open" ? until : null;
  return {
    scope: name,
    state,
    since,
    until: reopens,
    reason,
    share,
    openings,
    generation,
    lastFailure,
  };
}

async function operate(steered: Steered, operation: Operation, clock: Clock): Promise<object> {
  const { scope: name } = operation;
  const provider = name.split("/")[0] ?? name;
  if (!steered.config.active.accounts.has(provider)) {
    throw invalid("scope", `no provider "${provider}"; a scope is a provider or provider/model`);
  }
  try {
    await steered.operate(operation);
  } catch (error) {
    log("circuit_not_operated", { scope: name, error });
    throw new Refusal(503, {
      type: "server_error",
      code: "fleet_unreachable",
      message: "The fleet cannot be reached; nothing was changed.",
    });
  }
  const own = steered.circuits.list(clock.now()).find((one) => one.scope === name);
  return own === undefined ? {} : present(own);
}

function readJson(request: Request): Promise<unknown> {
  return request.json().catch(() => null);
}

function wrongBody(issue: z.core.$ZodIssue | undefined): Refusal {
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const param = unknown ?? issue?.path.map(String).join(".") ?? "";
  const reason = unknown === undefined ? (issue?.message ?? "not valid") : `unknown key ${unknown}`;
  return invalid(param, reason);
}

function invalid(param: string, message: string): Refusal {
  return new Refusal(400, { type: "invalid_request_error", code: "invalid_body", message, param });
}

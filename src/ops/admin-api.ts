import { Hono } from "hono";
import { z } from "zod";
import { hasAdminToken } from "../admission/app-keys.ts";
import type { Clock } from "../contract/edges.ts";
import type { LimitReading } from "../contract/limits.ts";
import { Refusal } from "../contract/refusal.ts";
import { findDecision, listDecisions } from "../ledger/read-decisions.ts";
import { circuitsApi, type Steered } from "./circuits-api.ts";
import { configApi, type Configured } from "./config-api.ts";
import { keysApi, type Locked } from "./keys-api.ts";
import { notFound } from "./not-found.ts";
import { wrongQuery } from "./wrong-query.ts";
import type { ListingBoard } from "./listings.ts";
import { reportProviders } from "./providers-report.ts";
import type { ReadinessBoard } from "./readiness.ts";

/** What the admin API shows and steers; the isolate, as far as operators are concerned. */
export interface Operated extends Configured, Steered, Locked {
  readonly adminToken: string | null;
  readonly readiness: ReadinessBoard;
  readonly listings: ListingBoard;
  readonly limits: { readonly readings: ReadonlyMap<string, LimitReading> };
  readonly recorder: { readonly lost: number };
  readonly fleet: Steered["fleet"] & {
    freshen(waitUntil: (work: Promise<unknown>) => void): Promise<void>;
  };
}

/** D1 takes at most 100 parameters a statement, and each decision of a page costs one. */
const mostInOnePage = 90;

const timestamp = z.coerce.number().int().nonnegative().optional();
const decisionQuery = z.strictObject({
  route: z.string().optional(),
  provider: z.string().optional(),
  class: z.string().optional(),
  outcome: z.string().optional(),
  key: z.string().optional(),
  from: timestamp,
  to: timestamp,
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(mostInOnePage).default(50),
});

/** `/admin/*`. Without an admin token set it does not exist. */
export function adminApi(operated: () => Operated, clock: Clock): Hono {
  const api = new Hono();

  api.use(async (context, next) => {
    const { adminToken } = operated();
    if (adminToken === null) throw notFound("The admin API is off: set LIFEBOAT_ADMIN_TOKEN.");
    if (!hasAdminToken(context.req.raw.headers, adminToken)) {
      throw new Refusal(401, {
        type: "authentication_error",
        code: "invalid_admin_token",
        message: "Send Authorization: Bearer <LIFEBOAT_ADMIN_TOKEN>.",
      });
    }
    await operated().fleet.freshen((work) => context.executionCtx.waitUntil(work));
    await next();
  });

  api.get("/decisions", async (context) => {
    const query = decisionQuery.safeParse(context.req.query());
    if (!query.success) throw wrongQuery(query.error.issues[0]);
    return context.json(await listDecisions(operated().db, query.data));
  });

  api.get("/decisions/:id", async (context) => {
    const decision = await findDecision(operated().db, context.req.param("id"));
    if (decision === null) {
      throw notFound("No decision by that id; it is written a moment after the answer's end.");
    }
    return context.json(decision);
  });

  api.route("/config", configApi(operated, clock));

  api.route("/circuits", circuitsApi(operated, clock));

  api.route("/keys", keysApi(operated));

  api.get("/providers", async (context) => {
    const { config, readiness, listings, limits, circuits, recorder } = operated();
    const { routes, modelsOf } = config.active;
    const accounts = [...config.active.accounts.values()];
    await Promise.all([readiness.checkLocal(accounts, modelsOf), listings.look(routes)]);
    const named = new Map(
      routes.flatMap(({ candidates }) => candidates.map((one) => [one.id, one] as const)),
    );
    return context.json({
      providers: reportProviders({
        accounts,
        readiness: readiness.list(accounts),
        candidates: config.active.candidateNames,
        circuits,
        readings: limits.readings,
        factsOf: (id) => {
          const candidate = named.get(id);
          return candidate === undefined ? null : readiness.explained(candidate);
        },
        now: clock.now(),
      }),
      decisionsLost: recorder.lost,
    });
  });

  return api;
}

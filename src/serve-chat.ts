import { v7 as newDecisionId } from "uuid";
import { readBody } from "./admission/read-body.ts";
import { runPlan, type RunResult } from "./attempt/run-plan.ts";
import type { ActiveConfig } from "./config/compile.ts";
import type { Decision } from "./contract/decision.ts";
import type { Plan } from "./contract/plan.ts";
import { Refusal } from "./contract/refusal.ts";
import type { Route } from "./contract/route.ts";
import { clock, random, wait, type Isolate } from "./isolate.ts";
import {
  failedDecision,
  rejectedDecision,
  servedDecision,
  type RequestFacts,
} from "./ledger/build-decision.ts";
import { learnFrom } from "./learn-from.ts";
import { chargeFor } from "./plan/cost.ts";
import { matchRoute } from "./plan/match-route.ts";
import { planRequest } from "./plan/plan-request.ts";
import { comeBackAt } from "./surface/come-back.ts";
import { comesWithin, keptAlive } from "./surface/keep-alive.ts";
import { openAiErrorFrame } from "./surface/openai-error.ts";
import { parseChat, type ParsedChat } from "./surface/openai-chat.ts";
import { readControls, type RequestControls } from "./surface/request-controls.ts";
import {
  servedResponse,
  unservedResponse,
  waitingResponse,
  type Marks,
} from "./surface/respond.ts";
import { explainUnserved, isOverBudget } from "./surface/unserved.ts";

export type WaitUntil = (work: Promise<unknown>) => void;

/** A request once it is let in. */
interface Arrival {
  readonly id: string;
  readonly at: number;
  readonly key: string;
}

/** A request once it is understood. */
interface Asked extends Arrival {
  readonly controls: RequestControls;
  readonly parsed: ParsedChat;
  readonly route: Route;
}

/** A request whose candidates are in order. */
interface Planned extends Asked {
  readonly plan: Plan;
}

/** The way of one chat request: surface, admission, plan, attempt, relay, record. */
export async function serveChat(
  request: Request,
  isolate: Isolate,
  waitUntil: WaitUntil,
): Promise<Response> {
  const at = clock.now();
  const admitted = isolate.admit(request.headers, waitUntil);
  const { key } = admitted instanceof Promise ? await admitted : admitted;
  const arrival: Arrival = { id: newDecisionId(), at, key };
  isolate.freshenReadiness(waitUntil);
  const asked = await understand(request, arrival, { isolate, waitUntil });
  const everyMs = asked.parsed.request.stream === true ? asked.route.streaming.keepAliveMs : null;
  const coming = answer(asked, request.signal, { isolate, waitUntil });
  isolate.freshenListings(coming, waitUntil);
  if (everyMs === null) return coming;
  const soon = await comesWithin(coming, everyMs, wait);
  if (soon !== null) return soon;
  const body = keptAlive(coming, { everyMs, wait });
  return waitingResponse(body, arrival.id);
}

/** What a request came to. */
interface Concluded {
  readonly response: Response;
  /** Ends when the answer has and is recorded; never rejects. */
  readonly recorded: Promise<void>;
}

async function answer(
  asked: Asked,
  signal: AbortSignal,
  { isolate, waitUntil }: Edges,
): Promise<Response> {
  const planned = { ...asked, plan: planFor(asked, isolate) };
  const concluding = run(planned, isolate, signal).then((result) =>
    result.outcome === "served"
      ? answerServed(planned, result, isolate)
      : answerUnserved(planned, result, isolate),
  );
  // A caller who leaves takes the request down: one that waits for a candidate could not give back its probe.
  waitUntil(concluding.then(({ recorded }) => recorded));
  return (await concluding).response;
}

/** What the request asks for; one that makes no sense is refused, and the refusal recorded. */
async function understand(request: Request, arrival: Arrival, edges: Edges): Promise<Asked> {
  const config = edges.isolate.config.active;
  let parsed: ParsedChat | null = null;
  try {
    const controls = readControls(request.headers);
    parsed = parseChat(await readBody(request, config.bodyBytes));
    const route = routeOf(parsed, config);
    return { ...arrival, controls, parsed, route };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    edges.waitUntil(recordRejection({ ...arrival, parsed }, error, edges.isolate));
    throw error.recordedAs(arrival.id);
  }
}

function routeOf({ request, chain }: ParsedChat, { routeFor }: ActiveConfig): Route {
  const match = matchRoute(routeFor, request.model, chain);
  if (match.found) return match.route;
  throw new Refusal(404, {
    type: "invalid_request_error",
    code: "model_not_found",
    message: `The model '${match.model}' is neither a route nor provider/model of a configured provider; GET /v1/models lists what there is.`,
    param: "model",
  });
}

function planFor({ route, controls, parsed, id, key }: Asked, isolate: Isolate): Plan {
  for (const { account } of route.candidates) isolate.fleet.use(account.name);
  const plan = planRequest(route, isolate.health, {
    now: clock.now(),
    noFallback: controls.noFallback,
    random,
    request: parsed.request,
    decision: id,
    budget: isolate.budgets.standing(key, route.name),
  });
  isolate.seekLeases(plan);
  return plan;
}

function run(asked: Planned, isolate: Isolate, signal: AbortSignal): Promise<RunResult> {
  const { route, parsed, at, plan } = asked;
  const { request } = parsed;
  return runPlan(plan, {
    request,
    stream: request.stream === true,
    hideUsage: request.stream_options?.include_usage !== true,
    errorFrame: openAiErrorFrame,
    hold: route.streaming.hold,
    streaming: route.streaming,
    hedges: isolate.hedges,
    deadlineAt: deadlineOf(asked),
    signal,
    fetch: isolate.fetch,
    clock,
    wait,
    circuits: isolate.circuits,
    breaker: route.breaker,
    fitting: route.fitting,
    known: isolate.health,
    seats: isolate.seats,
    decision: asked.id,
    arrivedAt: at,
    retries: route.retries,
    retryBudget: isolate.retryBudget,
    random,
    onLimits: (candidate, reading) => isolate.noteLimits(candidate, reading),
  });
}

function deadlineOf({ at, route, controls }: Asked): number {
  return at + Math.min(route.timeouts.totalMs, controls.timeoutMs ?? route.timeouts.totalMs);
}

interface Edges {
  readonly isolate: Isolate;
  readonly waitUntil: WaitUntil;
}

function answerServed(
  asked: Planned,
  result: Extract<RunResult, { outcome: "served" }>,
  isolate: Isolate,
): Concluded {
  const marks = marksOf(asked, result);
  const { failover } = marks;
  const facts = factsOf(asked, isolate);
  const recorded = result.settled.then((end) => {
    learnFrom(asked, result.candidate, end, isolate);
    const known = isolate.health.facts(result.candidate);
    const costUsd = chargeFor(result.candidate, known, end);
    isolate.budgets.charge(asked.key, asked.route.name, costUsd);
    const told = { ...end, failover, costUsd, now: clock.now() };
    return isolate.recorder.record(servedDecision(facts, result, told));
  });
  const { reply, candidate, adapted } = result;
  const response = servedResponse(reply, { ...marks, candidate: candidate.id, adapted });
  return { response, recorded };
}

function answerUnserved(
  asked: Planned,
  result: Extract<RunResult, { outcome: "failed" }>,
  isolate: Isolate,
): Concluded {
  const now = clock.now();
  const outcome = {
    failure: result.failure,
    ...result.trail,
    reopensAt: reopensAt(asked, result, isolate),
    deadlineAt: deadlineOf(asked),
    now,
  };
  const unserved = explainUnserved(outcome);
  const { status } = unserved;
  const marks = marksOf(asked, result);
  const { failover } = marks;
  const decision = failedDecision(factsOf(asked, isolate), result, { status, failover, now });
  const recorded = isolate.recorder.record(decision);
  return { response: unservedResponse(unserved, outcome, marks), recorded };
}

function recordRejection(
  { id, at, key, parsed }: Arrival & { parsed: ParsedChat | null },
  refusal: Refusal,
  isolate: Isolate,
): Promise<void> {
  const facts: RequestFacts = {
    id,
    at,
    key,
    surface: "openai.chat",
    route: null,
    model: parsed?.request.model ?? null,
    stream: parsed?.request.stream === true,
    callerRetry: null,
    metadata: {},
    fleet: isolate.fleet.view(),
  };
  return isolate.recorder.record(rejectedDecision(facts, refusal.status, clock.now()));
}

function factsOf({ id, at, key, route, parsed, controls }: Asked, isolate: Isolate): RequestFacts {
  return {
    id,
    at,
    key,
    surface: "openai.chat",
    route: route.name,
    model: parsed.request.model,
    stream: parsed.request.stream === true,
    callerRetry: controls.callerRetry,
    metadata: controls.metadata,
    fleet: isolate.fleet.view(),
  };
}

function marksOf(asked: Planned, result: RunResult): Marks {
  const made = result.trail.attempts.length + (result.outcome === "served" ? 1 : 0);
  return { decision: asked.id, attempts: made, failover: failoverOf(asked, result) };
}

/** When the first of a route's candidates may be tried again, ms UTC. */
function reopensAt({ route, at }: Asked, { trail }: RunResult, isolate: Isolate): number | null {
  const now = clock.now();
  const overBudget = new Map(trail.skipped.filter(isOverBudget).map((s) => [s.candidate, s.until]));
  const reopenings = route.candidates.flatMap((candidate) => {
    const anew = overBudget.get(candidate.id);
    if (anew !== undefined) return anew === null ? [] : [anew];
    const view = isolate.circuits.look(candidate, now);
    return view.state === "open" && view.until !== null ? [view.until] : [];
  });
  return comeBackAt({ reopenings, attempts: trail.attempts }, { arrivedAt: at, now });
}

/** A fault of the caller's own: nobody else was asked. */
function endedThere({ failure }: Extract<RunResult, { outcome: "failed" }>): boolean {
  return failure?.failsOver === false;
}

/** Why the first choice did not serve: its failure's class, or the reason it was skipped; null when it did. */
function failoverOf({ plan }: Planned, result: RunResult): Decision["failover"] {
  const first = plan.steps[0]?.candidate.id;
  if (result.candidate?.id === first && (result.outcome === "served" || endedThere(result))) {
    return null;
  }
  const { attempts, skipped } = result.trail;
  const failed = attempts.find(({ candidate }) => candidate === first);
  if (failed !== undefined && failed.outcome !== "ok") return failed.outcome;
  return skipped.find(({ candidate }) => candidate === first)?.reason ?? null;
}

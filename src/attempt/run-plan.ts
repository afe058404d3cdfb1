import type { Switchboard, CandidatePermit } from "../circuit/switchboard.ts";
import type { Usage } from "../contract/chat.ts";
import type { AttemptRecord, CircuitState, Skip } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Plan, PlanStep } from "../contract/plan.ts";
import type { Provider } from "../contract/provider.ts";
import type { BreakerOptions, Candidate } from "../contract/route.ts";
import { skip } from "../plan/plan-request.ts";
import type { Reply } from "../relay/relay-answer.ts";
import { makeAttempt, type AttemptResult, type RequestContext } from "./make-attempt.ts";

export interface RunContext extends RequestContext {
  readonly circuits: Switchboard;
  readonly breaker: BreakerOptions;
  /** The decision's id. */
  readonly decision: string;
  /** When the request arrived, ms UTC. */
  readonly arrivedAt: number;
  /** Upstream calls that one request may cost. */
  readonly maxAttempts: number;
  /** Told what a candidate's provider said of its limits, where it said something. */
  readonly onLimits: (candidate: Candidate, reading: LimitReading) => void;
}

/** What the loop did, whatever came of it. */
interface Trail {
  readonly attempts: readonly AttemptRecord[];
  readonly skipped: readonly Skip[];
}

/** The end of a served request: its last attempt, and what the provider says it used. */
export interface Settled {
  readonly attempt: AttemptRecord;
  readonly ending: "complete" | "truncated" | "cancelled";
  readonly usage: Usage | null;
}

export type RunResult =
  | {
      readonly outcome: "served";
      readonly candidate: Candidate;
      readonly status: number;
      readonly reply: Reply;
      readonly adapted: readonly string[];
      readonly trail: Trail;
      /** How the answer ended, once it has; never rejects. */
      readonly settled: Promise<Settled>;
    }
  | {
      readonly outcome: "failed";
      /** The failure that ended the loop; null when no candidate could be tried. */
      readonly failure: Failure | null;
      readonly candidate: Candidate | null;
      readonly trail: Trail;
    };

/**
 * The only loop: tries the plan's candidates in order until one commits. A failure is settled with
 * the circuits before the next candidate is tried, so that the next request already knows.
 */
export async function runPlan(plan: Plan, context: RunContext): Promise<RunResult> {
  const attempts: AttemptRecord[] = [];
  const skipped: Skip[] = [];
  const trail = { attempts, skipped };
  let last: { failure: Failure; candidate: Candidate } | null = null;

  for (const step of plan.steps) {
    if (step.skip !== null) {
      skipped.push(step.skip);
      continue;
    }
    const { candidate } = step;
    const stop = last === null ? null : spent(attempts.length, context);
    if (stop !== null) {
      skipped.push(skip(candidate, stop));
      continue;
    }
    const started = beginAttempt(step, attempts.length + 1, context);
    if (!started.granted) {
      skipped.push(started.skip);
      continue;
    }
    const result = await makeAttempt(started.target, context);
    if (result.limits !== null) context.onLimits(candidate, result.limits);
    if (result.ok) {
      await context.circuits.succeed(started.permit, context.clock.now());
      return served(started, result, { context, trail });
    }
    await context.circuits.fail(started.permit, result.failure, context.clock.now());
    attempts.push(failedRecord(started, result.failure, context));
    last = { failure: result.failure, candidate };
    if (!result.failure.failsOver) break;
  }
  return { outcome: "failed", failure: null, candidate: null, ...last, trail };
}

function spent(made: number, context: RunContext): "attempts_spent" | "deadline" | null {
  if (made >= context.maxAttempts) return "attempts_spent";
  return context.clock.now() >= context.deadlineAt ? "deadline" : null;
}

interface Started {
  readonly granted: true;
  readonly n: number;
  readonly candidate: Candidate;
  readonly target: { readonly provider: Provider; readonly model: string };
  readonly permit: CandidatePermit;
  readonly startedAt: number;
  readonly circuitBefore: CircuitState;
}

function beginAttempt(
  { candidate, anyway }: Extract<PlanStep, { skip: null }>,
  n: number,
  context: RunContext,
): Started | { readonly granted: false; readonly skip: Skip } {
  const { provider } = candidate.account;
  const now = context.clock.now();
  if (provider === null) {
    const detail = `no ${candidate.account.missing}`;
    return { granted: false, skip: skip(candidate, "not_configured", { detail }) };
  }
  const circuitBefore = context.circuits.state(candidate, now);
  const { breaker, decision } = context;
  const take = context.circuits.take(
    candidate,
    { breaker, decision, anyway: anyway === true },
    now,
  );
  if (!take.granted) {
    const reason = take.probing ? "probe_in_flight" : "circuit_open";
    const until = take.probing ? null : take.until;
    return { granted: false, skip: skip(candidate, reason, { until }) };
  }
  const target = { provider, model: candidate.model };
  return {
    granted: true,
    n,
    candidate,
    target,
    permit: take.permit,
    startedAt: now,
    circuitBefore,
  };
}

function failedRecord(started: Started, failure: Failure, context: RunContext): AttemptRecord {
  return record(started, context, { outcome: failure.class, said: failure });
}

/** What the provider said of a failure. */
type Said = Pick<Failure, "status" | "code" | "type" | "message" | "retryAfterMs">;

const saidNothing: Said = {
  status: null,
  code: null,
  type: null,
  message: null,
  retryAfterMs: null,
};

function record(
  started: Started,
  context: RunContext,
  end: { outcome: AttemptRecord["outcome"]; said: Said; firstTokenAt?: number },
): AttemptRecord {
  const now = context.clock.now();
  const { status, code, type, message, retryAfterMs } = end.said;
  return {
    n: started.n,
    candidate: started.candidate.id,
    outcome: end.outcome,
    status,
    code,
    type,
    message,
    retryAfterMs,
    startedMs: started.startedAt - context.arrivedAt,
    firstTokenMs: end.firstTokenAt === undefined ? null : end.firstTokenAt - started.startedAt,
    durationMs: now - started.startedAt,
    circuitBefore: started.circuitBefore,
    circuitAfter: context.circuits.state(started.candidate, now),
  };
}

function served(
  started: Started,
  result: Extract<AttemptResult, { ok: true }>,
  { context, trail }: { context: RunContext; trail: Trail },
): RunResult {
  const { candidate } = started;
  const { status, reply, adapted } = result;
  const settled = settle(started, result, context);
  return { outcome: "served", candidate, status, reply, adapted, trail, settled };
}

/** A stream counts as a success at commit; if it breaks later that is a failure all the same. */
async function settle(
  started: Started,
  result: Extract<AttemptResult, { ok: true }>,
  context: RunContext,
): Promise<Settled> {
  const { reply, firstTokenAt } = result;
  const said = { ...saidNothing, status: result.status };
  if (reply.form === "document") {
    const attempt = record(started, context, { outcome: "ok", said, firstTokenAt });
    return { attempt, ending: "complete", usage: reply.usage };
  }
  const ended = await reply.ended;
  const { how: ending, usage } = ended;
  if (ended.how !== "truncated") {
    const outcome = ended.how === "cancelled" ? "cancelled" : "ok";
    return { attempt: record(started, context, { outcome, said, firstTokenAt }), ending, usage };
  }
  const { failure } = ended;
  await context.circuits.fail(started.permit, failure, context.clock.now());
  const end = { outcome: failure.class, said: failure, firstTokenAt };
  return { attempt: record(started, context, end), ending, usage };
}

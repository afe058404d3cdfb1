import type { CandidatePermit, HeldProbe } from "../circuit/switchboard.ts";
import type { AttemptRecord, CircuitState, Skip } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Tryable } from "../contract/plan.ts";
import type { Provider } from "../contract/provider.ts";
import type { Candidate, Timeouts } from "../contract/route.ts";
import { fitRequest } from "../plan/fit-request.ts";
import { skip } from "../plan/plan-request.ts";
import type { Target } from "./make-attempt.ts";
import type { RunContext } from "./run-context.ts";

/** An attempt that has its permit. */
export interface Started {
  readonly granted: true;
  readonly n: number;
  readonly candidate: Candidate;
  readonly target: Target;
  readonly permit: CandidatePermit;
  readonly startedAt: number;
  readonly circuitBefore: CircuitState;
}

/** Takes the permit for an attempt, or says why there is none. */
export function beginAttempt(
  { candidate, anyway }: Tryable,
  n: number,
  context: RunContext,
): Started | { readonly granted: false; readonly skip: Skip } {
  const { provider } = candidate.account;
  const now = context.clock.now();
  if (provider === null) {
    const detail = `no ${candidate.account.missing}`;
    return { granted: false, skip: skip(candidate, "not_configured", { detail }) };
  }
  const circuit = context.circuits.look(candidate, now);
  const { breaker, decision } = context;
  const take = context.circuits.take(
    candidate,
    { breaker, decision, anyway: anyway === true },
    now,
  );
  if (!take.granted) {
    const reason = take.probing ? "probe_in_flight" : "circuit_open";
    const until = take.probing ? null : take.until;
    return { granted: false, skip: skip(candidate, reason, { until, detail: circuit.reason }) };
  }
  return {
    granted: true,
    n,
    candidate,
    target: targetAt(candidate, provider, context),
    permit: take.permit,
    startedAt: now,
    circuitBefore: circuit.state,
  };
}

/** What is asked of a candidate: the request as it fits there, and the clocks that it gets. */
function targetAt(candidate: Candidate, provider: Provider, context: RunContext): Target {
  const { known, fitting, request, clock } = context;
  const facts = known.facts(candidate);
  return {
    candidate: candidate.id,
    provider,
    model: candidate.model,
    facts,
    fitted: fitRequest(request, facts, fitting),
    promptRatio: known.ratio(candidate).ratio,
    refused: fitting.refused,
    allowDegrade: fitting.allowDegrade,
    seats: candidate.seats,
    timeouts: known.cold(candidate, clock.now())
      ? forColdStart(candidate.timeouts)
      : candidate.timeouts,
    carryOn: null,
  };
}

function forColdStart(timeouts: Timeouts): Timeouts {
  const { headersMs, wholeMs, firstTokenMs, coldStartMs } = timeouts;
  return {
    ...timeouts,
    headersMs: Math.max(headersMs, coldStartMs),
    wholeMs: Math.max(wholeMs, coldStartMs),
    firstTokenMs: Math.max(firstTokenMs, coldStartMs),
  };
}

/** Begins the probe that the request has waited for; refused when the circuit has moved on meanwhile. */
export function beginHeld(
  failed: Started,
  probe: HeldProbe,
  context: RunContext,
): Started | { readonly granted: false } {
  const now = context.clock.now();
  const circuitBefore = context.circuits.state(failed.candidate, now);
  const take = context.circuits.begin(probe, now);
  if (!take.granted) return { granted: false };
  return { ...failed, n: failed.n + 1, permit: take.permit, startedAt: now, circuitBefore };
}

/** What the provider said of a failure. */
type Said = Pick<Failure, "status" | "code" | "type" | "message" | "retryAfterMs">;

export const saidNothing: Said = {
  status: null,
  code: null,
  type: null,
  message: null,
  retryAfterMs: null,
};

/** The record of an attempt that has ended; its circuit is to be settled before. */
export function record(
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

/** Settles an attempt that failed, and gives its record. */
export function settleFailure(
  started: Started,
  failure: Failure,
  context: RunContext,
): AttemptRecord {
  return settleAndHold(started, failure, { context, holdMs: null }).record;
}

/** The same for a request that would wait so long and ask again: with the circuit's probe, if it gets that. */
export function settleAndHold(
  started: Started,
  failure: Failure,
  { context, holdMs }: { context: RunContext; holdMs: number | null },
): { record: AttemptRecord; probe: HeldProbe | null } {
  const { circuits, clock } = context;
  const probe = circuits.fail(started.permit, failure, clock.now(), holdMs);
  return { record: record(started, context, { outcome: failure.class, said: failure }), probe };
}

import type { Skip, SkipReason } from "../contract/decision.ts";
import type { ChatRequest } from "../contract/chat.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Plan, PlanStep } from "../contract/plan.ts";
import type { Random } from "../contract/edges.ts";
import type { Candidate, Route } from "../contract/route.ts";
import type { CircuitView } from "../circuit/circuit.ts";
import { LazyEstimate } from "./estimate.ts";
import { quotaLow } from "./quota-low.ts";

/** What is known of the candidates at the moment of planning; reading it costs no I/O. */
export interface HealthSnapshot {
  circuit(candidate: Candidate, now: number): CircuitView;
  /** Why a local provider is known to be out of reach, and until when that knowledge counts; null when nothing is known. */
  unreachable(provider: string, now: number): { reason: string; until: number } | null;
  /** What a candidate's provider last said of its limits. */
  reading(candidate: Candidate): LimitReading | null;
}

/** The request, as far as a plan depends on it, and the moment. */
export interface Planned {
  readonly now: number;
  readonly noFallback: boolean;
  readonly random: Random;
  readonly request: ChatRequest;
}

/** Decides which candidates of a route may serve a request now, in the route's order. Pure. */
export function planRequest(
  route: Route,
  health: HealthSnapshot,
  { now, noFallback, random, request }: Planned,
): Plan {
  const moment = { now, random, estimate: new LazyEstimate(request) };
  const candidates = noFallback ? route.candidates.slice(0, 1) : route.candidates;
  const others = noFallback ? route.candidates.slice(1) : [];
  const steps = candidates.map((candidate) => considered(candidate, health, moment));
  const served = steps.some((step) => step.skip === null);
  return {
    steps: [
      ...(served ? [...steps, ...steps.flatMap(lastResort)] : steps.map(tryAnyway)),
      ...others.map((candidate) => ({ candidate, skip: skip(candidate, "no_fallback") })),
    ],
  };
}

/** Where nothing else is left, a provider that was down a moment ago is worth one more call. */
function tryAnyway(step: PlanStep): PlanStep {
  if (step.skip?.reason === "unreachable") return { ...step, skip: null };
  return lastResort(step)[0] ?? step;
}

const sparing: ReadonlySet<SkipReason> = new Set(["ramping", "awaiting_lease", "quota_low"]);

interface Moment {
  readonly now: number;
  readonly random: Random;
  readonly estimate: LazyEstimate;
}

/** A candidate that is merely spared comes behind all others: it is better than no answer. */
function lastResort({ candidate, skip: skipped }: PlanStep): PlanStep[] {
  return skipped !== null && sparing.has(skipped.reason)
    ? [{ candidate, skip: null, anyway: true }]
    : [];
}

function considered(
  candidate: Candidate,
  health: HealthSnapshot,
  { now, random, estimate }: Moment,
): PlanStep {
  const { account } = candidate;
  if (account.provider === null) {
    const detail = `no ${account.missing}`;
    return { candidate, skip: skip(candidate, "not_configured", { detail }) };
  }
  const circuit = health.circuit(candidate, now);
  if (circuit.state === "open") {
    const detail = circuit.reason;
    return { candidate, skip: skip(candidate, "circuit_open", { until: circuit.until, detail }) };
  }
  const spared = sparedBy(circuit, now, random);
  if (spared !== null) {
    return { candidate, skip: skip(candidate, spared, { detail: circuit.reason }) };
  }
  const unreachable = health.unreachable(account.name, now);
  if (unreachable !== null) {
    const { reason: detail, until } = unreachable;
    return { candidate, skip: skip(candidate, "unreachable", { until, detail }) };
  }
  const low = quotaLow(health.reading(candidate), estimate, now);
  if (low !== null) return { candidate, skip: skip(candidate, "quota_low", low) };
  return { candidate, skip: null };
}

/** Why a half-open circuit does not get this request; null when it does. */
function sparedBy(
  { state, until, ramp, leased }: CircuitView,
  now: number,
  random: Random,
): "probe_in_flight" | "ramping" | "awaiting_lease" | null {
  if (state !== "half-open") return null;
  if (until !== null) return "probe_in_flight";
  if (ramp !== null) return now < ramp.dueAt && random() >= ramp.share ? "ramping" : null;
  return leased ? null : "awaiting_lease";
}

/** The record of a candidate that is not tried. */
export function skip(
  candidate: Candidate,
  reason: SkipReason,
  known: { until?: number | null; detail?: string | null } = {},
): Skip {
  return {
    candidate: candidate.id,
    reason,
    until: known.until ?? null,
    detail: known.detail ?? null,
  };
}

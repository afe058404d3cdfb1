import type { Skip, SkipReason } from "../contract/decision.ts";
import type { Plan, PlanStep } from "../contract/plan.ts";
import type { Candidate, Route } from "../contract/route.ts";
import type { CircuitView } from "../circuit/circuit.ts";

/** What is known of the candidates at the moment of planning; reading it costs no I/O. */
export interface HealthSnapshot {
  circuit(candidate: Candidate, now: number): CircuitView;
  /** Why a local provider is known to be out of reach, and until when that knowledge counts; null when nothing is known. */
  unreachable(provider: string, now: number): { reason: string; until: number } | null;
}

/** Decides which candidates of a route may serve a request now, in the route's order. Pure. */
export function planRequest(
  route: Route,
  health: HealthSnapshot,
  { now, noFallback }: { now: number; noFallback: boolean },
): Plan {
  const candidates = noFallback ? route.candidates.slice(0, 1) : route.candidates;
  const others = noFallback ? route.candidates.slice(1) : [];
  const steps = candidates.map((candidate) => considered(candidate, health, now));
  return {
    steps: [
      ...(steps.some((step) => step.skip === null) ? steps : steps.map(tryAnyway)),
      ...others.map((candidate) => ({ candidate, skip: skip(candidate, "no_fallback") })),
    ],
  };
}

/** Where nothing else is left, a provider that was down a moment ago is worth one more call. */
function tryAnyway(step: PlanStep): PlanStep {
  return step.skip?.reason === "unreachable" ? { ...step, skip: null } : step;
}

function considered(candidate: Candidate, health: HealthSnapshot, now: number): PlanStep {
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
  if (circuit.state === "half-open" && circuit.until !== null) {
    return { candidate, skip: skip(candidate, "probe_in_flight", { detail: circuit.reason }) };
  }
  const unreachable = health.unreachable(account.name, now);
  if (unreachable !== null) {
    const { reason: detail, until } = unreachable;
    return { candidate, skip: skip(candidate, "unreachable", { until, detail }) };
  }
  return { candidate, skip: null };
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

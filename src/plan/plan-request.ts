import type { Skip, SkipReason } from "../contract/decision.ts";
import type { Plan, PlanStep } from "../contract/plan.ts";
import type { Random } from "../contract/edges.ts";
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
  { now, noFallback, random }: { now: number; noFallback: boolean; random: Random },
): Plan {
  const candidates = noFallback ? route.candidates.slice(0, 1) : route.candidates;
  const others = noFallback ? route.candidates.slice(1) : [];
  const steps = candidates.map((candidate) => considered(candidate, health, { now, random }));
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

/** A candidate that is merely spared comes behind all others: it is better than no answer. */
function lastResort({ candidate, skip: skipped }: PlanStep): PlanStep[] {
  const spared = skipped?.reason === "ramping" || skipped?.reason === "awaiting_lease";
  return spared ? [{ candidate, skip: null, anyway: true }] : [];
}

function considered(
  candidate: Candidate,
  health: HealthSnapshot,
  { now, random }: { now: number; random: Random },
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

import type { Skip, SkipReason } from "../contract/decision.ts";
import type { ChatRequest } from "../contract/chat.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Plan, PlanStep } from "../contract/plan.ts";
import type { Random } from "../contract/edges.ts";
import type { Candidate, Route } from "../contract/route.ts";
import type { CircuitView } from "../circuit/circuit.ts";
import { lowOn, overBudget, type Standing } from "./budget.ts";
import { estimateOf } from "./estimate.ts";
import { misfitOf, type Asked } from "./fits.ts";
import { expectedCostAt, inOrder } from "./in-order.ts";
import type { Knowledge } from "./knowledge.ts";
import { needsOf } from "./needs.ts";
import { ascending } from "./orders/order.ts";
import { quotaLow } from "./quota-low.ts";

/** What is known of the candidates at the moment of planning; reading it costs no I/O. */
export interface HealthSnapshot extends Knowledge {
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
  /** The decision's id. */
  readonly decision: string;
  /** The caller's budgets, where one is near its end or beyond; absent or null where none is. */
  readonly budget?: Standing | null;
}

/**
 * Decides which candidates of a route may serve a request now, and in which order. Pure. Those that
 * could only serve by leaving something out come behind all others, where the route lets them.
 */
export function planRequest(route: Route, health: HealthSnapshot, planned: Planned): Plan {
  const { now, noFallback, random, request, budget = null } = planned;
  const estimate = estimateOf(request);
  const asked = { needs: needsOf(request), estimate, fitting: route.fitting };
  const ordered = inOrder(route, health, { ...planned, estimate });
  const candidates = noFallback ? ordered.slice(0, 1) : ordered;
  const others = noFallback ? ordered.slice(1) : [];
  const moment = { now, random, asked, budget, degrading: false };
  const steps = candidates.map((candidate) => considered(candidate, health, moment));
  const served = steps.some((step) => step.skip === null);
  const degraded = route.fitting.allowDegrade
    ? steps.filter(isDegradable).map(({ candidate }) => {
        return considered(candidate, health, { ...moment, degrading: true });
      })
    : [];
  const tried = served ? steps : steps.map(tryAnyway);
  return {
    steps: [
      ...(budget === null ? tried : cheapestFirst(tried, expectedCostAt(health, estimate), budget)),
      ...(served ? steps.flatMap(lastResort) : []),
      ...(served ? degraded : degraded.map(tryAnyway)),
      ...others.map((candidate) => ({ candidate, skip: skip(candidate, "no_fallback") })),
    ],
  };
}

/**
 * With a budget near its end: those that may be tried by what they are expected to cost. Those that
 * would have come before the cheapest keep their place, with the reason why it is not theirs now.
 */
function cheapestFirst(
  steps: readonly PlanStep[],
  costOf: (candidate: Candidate) => number | null,
  budget: Standing,
): readonly PlanStep[] {
  const fitting = steps.filter((step) => step.skip === null);
  const byCost = ascending(fitting, ({ candidate }) => costOf(candidate));
  const [cheapest] = byCost;
  if (cheapest === undefined) return steps;
  const at = steps.indexOf(cheapest);
  const { reason, ...low } = lowOn(budget);
  const before = steps.slice(0, at).map((step): PlanStep => {
    const { candidate } = step;
    return step.skip === null ? { candidate, skip: skip(candidate, reason, low) } : step;
  });
  const behind = steps.slice(at).filter((step) => step.skip !== null);
  return [...before, ...byCost, ...behind];
}

const leavable: ReadonlySet<SkipReason> = new Set(["lacks_tools", "lacks_images"]);

function isDegradable({ skip: skipped }: PlanStep): boolean {
  return skipped !== null && leavable.has(skipped.reason);
}

/** Where nothing else is left, what is spared is worth a call. */
function tryAnyway(step: PlanStep): PlanStep {
  return lastResort(step)[0] ?? step;
}

/** A provider that was down a moment ago, or a model that was missing, may be there by now. */
const sparing: ReadonlySet<SkipReason> = new Set([
  "ramping",
  "awaiting_lease",
  "quota_low",
  "unreachable",
  "model_missing",
]);

interface Moment {
  readonly now: number;
  readonly random: Random;
  readonly asked: Omit<Asked, "ratio" | "learnt">;
  readonly budget: Standing | null;
  /** Whether tools and images may be left out. */
  readonly degrading: boolean;
}

/** A candidate that is merely spared comes behind all others: it is better than no answer. */
function lastResort({ candidate, skip: skipped }: PlanStep): PlanStep[] {
  return skipped !== null && sparing.has(skipped.reason)
    ? [{ candidate, skip: null, anyway: true }]
    : [];
}

function considered(candidate: Candidate, health: HealthSnapshot, moment: Moment): PlanStep {
  return {
    candidate,
    skip:
      unable(candidate, health, moment) ??
      unaffordable(candidate, health, moment) ??
      unwell(candidate, health, moment),
  };
}

/** Why a candidate cannot serve this request, however well it is. */
function unable(
  candidate: Candidate,
  health: HealthSnapshot,
  { now, asked, degrading }: Moment,
): Skip | null {
  const { account } = candidate;
  if (account.provider === null) {
    return skip(candidate, "not_configured", { detail: `no ${account.missing}` });
  }
  const misfit = misfitOf(health.facts(candidate), { ...asked, ...health.ratio(candidate) });
  if (misfit !== null && !(degrading && misfit.degradable)) {
    const { reason, lacks } = misfit;
    return { ...skip(candidate, reason, { detail: lacks.join("; ") }), lacks };
  }
  const missing = health.missing(candidate, now);
  if (missing === null) return null;
  return skip(candidate, "model_missing", { until: missing.until, detail: missing.advice });
}

/** Why the caller's budgets keep a candidate from the request. */
function unaffordable(
  candidate: Candidate,
  health: HealthSnapshot,
  { asked, budget }: Moment,
): Skip | null {
  if (budget === null) return null;
  const { estimate } = asked;
  const told = { estimate, ...health.ratio(candidate) };
  const over = overBudget(health.facts(candidate), budget, told);
  return over === null ? null : skip(candidate, over.reason, over);
}

/** Why a candidate is better left alone now. */
function unwell(
  candidate: Candidate,
  health: HealthSnapshot,
  { now, random, asked }: Moment,
): Skip | null {
  const circuit = health.circuit(candidate, now);
  if (circuit.state === "open") {
    return skip(candidate, "circuit_open", { until: circuit.until, detail: circuit.reason });
  }
  const spared = sparedBy(circuit, now, random);
  if (spared !== null) return skip(candidate, spared, { detail: circuit.reason });
  const unreachable = health.unreachable(candidate.account.name, now);
  if (unreachable !== null) {
    const { reason: detail, until } = unreachable;
    return skip(candidate, "unreachable", { until, detail });
  }
  const low = quotaLow(health.reading(candidate), asked.estimate, now);
  return low === null ? null : skip(candidate, "quota_low", low);
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

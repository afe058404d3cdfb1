import {
  defaultBreaker,
  defaultRetries,
  defaultTimeouts,
  plainRoute,
} from "../../src/config/defaults.ts";
import { resolveStreaming } from "../../src/config/streaming.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { PlanStep } from "../../src/contract/plan.ts";
import type { Candidate, Route } from "../../src/contract/route.ts";
import { nothingKnown } from "../../src/plan/knowledge.ts";
import { planRequest, type HealthSnapshot, type Planned } from "../../src/plan/plan-request.ts";

/** The steps of a plan over candidates that are all well, unless `known` says otherwise. */
export function aPlan(
  candidates: readonly Candidate[],
  request: ChatRequest,
  {
    route = {},
    known = {},
    planned = {},
  }: { route?: Partial<Route>; known?: Partial<HealthSnapshot>; planned?: Partial<Planned> } = {},
): readonly PlanStep[] {
  const whole: Route = {
    name: "r",
    candidates,
    timeouts: defaultTimeouts,
    breaker: defaultBreaker,
    streaming: resolveStreaming(null),
    retries: defaultRetries,
    ...plainRoute,
    ...route,
  };
  const closed = { state: "closed", until: null, reason: null, ramp: null, leased: true } as const;
  const health = {
    ...nothingKnown,
    circuit: () => ({ ...closed, since: 0 }),
    unreachable: () => null,
    reading: () => null,
    ...known,
  };
  const moment = { now: 0, noFallback: false, random: () => 0.5, request, decision: "d" };
  return planRequest(whole, health, { ...moment, ...planned }).steps;
}

/** `candidate: reason`, or `candidate: try`. */
export function told(steps: readonly PlanStep[]): readonly string[] {
  return steps.map(({ candidate, skip }) => `${candidate.id}: ${skip?.reason ?? "try"}`);
}

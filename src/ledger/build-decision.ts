import type { RunResult } from "../attempt/run-plan.ts";
import type { Settled } from "../attempt/settle.ts";
import { costUnknownOf } from "./cost-unknown.ts";
import type { Decision, FleetView, Outcome } from "../contract/decision.ts";

/** What a request was, as far as it was understood before it was answered or refused. */
export interface RequestFacts {
  readonly id: string;
  readonly at: number;
  readonly key: string;
  readonly surface: string;
  readonly route: string | null;
  readonly model: string | null;
  readonly stream: boolean;
  readonly callerRetry: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fleet: FleetView;
}

type Common = Pick<
  Decision,
  | "firstTokenMs"
  | "tokensIn"
  | "tokensOut"
  | "costUsd"
  | "costUnknown"
  | "cache"
  | "adapted"
  | "candidate"
  | "delivered"
  | "malformedEvents"
  | "continuedBy"
  | "hedge"
>;

const nothingServed: Common = {
  candidate: null,
  firstTokenMs: null,
  tokensIn: null,
  tokensOut: null,
  costUsd: null,
  costUnknown: null,
  cache: "off",
  adapted: [],
  delivered: null,
  malformedEvents: 0,
  continuedBy: null,
  hedge: null,
};

/** A request that was turned away before any candidate was asked. */
export function rejectedDecision(facts: RequestFacts, status: number, now: number): Decision {
  const none = { failover: null, skipped: [], attempts: [] };
  return {
    ...facts,
    ...nothingServed,
    ...none,
    outcome: "rejected",
    status,
    latencyMs: now - facts.at,
  };
}

/** A request that no candidate served. */
export function failedDecision(
  facts: RequestFacts,
  result: Extract<RunResult, { outcome: "failed" }>,
  answer: { status: number; failover: Decision["failover"]; now: number },
): Decision {
  const { failover, status, now } = answer;
  return {
    ...facts,
    ...nothingServed,
    ...result.trail,
    outcome: failedAs(result, status),
    status,
    failover,
    latencyMs: now - facts.at,
  };
}

function failedAs(
  { failure, trail }: Extract<RunResult, { outcome: "failed" }>,
  status: number,
): Outcome {
  if (failure?.class === "cancelled") return "cancelled";
  // Turned away for a spent budget, with nobody asked.
  return status === 402 && trail.attempts.length === 0 ? "rejected" : "failed";
}

const outcomeOf = { complete: "served", truncated: "truncated", cancelled: "cancelled" } as const;

/** A request that a candidate served, and how its answer ended. */
export function servedDecision(
  facts: RequestFacts,
  result: Extract<RunResult, { outcome: "served" }>,
  end: Settled & { failover: Decision["failover"]; costUsd: number | null; now: number },
): Decision {
  const { costUsd } = end;
  const { ending, usage, delivered, malformed, continuedBy, failover, now } = end;
  const { skipped, attempts, hedge } = result.trail;
  return {
    ...facts,
    ...nothingServed,
    outcome: outcomeOf[ending],
    status: result.status,
    candidate: result.candidate.id,
    failover,
    latencyMs: now - facts.at,
    firstTokenMs: firstTokenOf(end),
    tokensIn: usage?.prompt_tokens ?? null,
    tokensOut: usage?.completion_tokens ?? null,
    costUsd,
    costUnknown: costUnknownOf({
      candidate: result.candidate.id,
      costUsd,
      tokensIn: usage?.prompt_tokens ?? null,
      continuedBy,
    }),
    adapted: result.adapted,
    delivered,
    malformedEvents: malformed,
    continuedBy,
    hedge,
    skipped,
    attempts: [...attempts, ...end.attempts].sort((a, b) => a.n - b.n),
  };
}

function firstTokenOf({ attempts: [served] }: Settled): number | null {
  if (served === undefined || served.firstTokenMs === null) return null;
  return served.startedMs + served.firstTokenMs;
}

import type { FailureClass } from "./failure.ts";

/** Why a candidate was not tried. */
export type SkipReason =
  | "not_configured"
  | "unreachable"
  | "circuit_open"
  | "probe_in_flight"
  /** May be probed, but the fleet has not said by whom. */
  | "awaiting_lease"
  /** Back after a probe, with a share of the traffic that this request is not part of. */
  | "ramping"
  /** Its last word on its limits leaves too little for this request. */
  | "quota_low"
  /** A budget of the caller's is near its end, and a cheaper candidate fits. */
  | "budget_low"
  /** A budget of the caller's is near its end and leaves too little for this request there. */
  | "budget_too_small"
  /** A budget of the caller's is used up, and the candidate is not known to cost nothing. */
  | "budget_spent"
  /** Another name for a model that has failed this request already. */
  | "already_tried"
  /** Known to be no better than a candidate that has refused the request. */
  | "context_too_small"
  | "request_limit_too_small"
  | "lacks_tools"
  | "lacks_images"
  | "lacks_json_schema"
  | "lacks_audio"
  /** Would cost more than the route allows for one request. */
  | "price_too_high"
  /** Would need a change of the request that the route does not want. */
  | "needs_adapting"
  /** The model is not on the provider's machine. */
  | "model_missing"
  | "attempts_spent"
  | "deadline"
  | "no_fallback";

export type CircuitState = "closed" | "open" | "half-open";

export interface Skip {
  readonly candidate: string;
  readonly reason: SkipReason;
  /** When it may be tried again, ms UTC; null when nobody knows. */
  readonly until: number | null;
  /** What opened the circuit, where one is open; or what is missing. */
  readonly detail: string | null;
  /** Everything that the candidate lacks for the request, where that is why it was not tried. */
  readonly lacks?: readonly string[];
}

/** One upstream call, as it is recorded. */
export interface AttemptRecord {
  readonly n: number;
  readonly candidate: string;
  readonly outcome: "ok" | FailureClass;
  readonly status: number | null;
  readonly code: string | null;
  readonly type: string | null;
  readonly message: string | null;
  readonly retryAfterMs: number | null;
  /** From the request's arrival, ms. */
  readonly startedMs: number;
  readonly firstTokenMs: number | null;
  readonly durationMs: number;
  readonly circuitBefore: CircuitState;
  readonly circuitAfter: CircuitState;
}

/** How much of a stream was handed to the app. */
export interface Delivered {
  readonly events: number;
  readonly bytes: number;
}

/** How a second candidate beside the first fared; `over_budget`: none was started, too many were of late. */
export type HedgeOutcome = "won" | "lost" | "over_budget";

export type Outcome = "served" | "failed" | "truncated" | "cancelled" | "rejected";

/** How much of the fleet's knowledge stood behind the decision. */
export type FleetView = "synced" | "stale" | "alone";

/** `several_models`: the provider stated the usage of the last one only. */
export type CostUnknown = "no_price" | "no_usage" | "several_models";

/** The record of one request, as `GET /admin/decisions/:id` returns it. Times are ms. */
export interface Decision {
  readonly id: string;
  readonly at: number;
  /** A name for the caller's key, never the key. */
  readonly key: string | null;
  readonly surface: string;
  readonly route: string | null;
  readonly model: string | null;
  readonly stream: boolean;
  readonly outcome: Outcome;
  readonly status: number;
  readonly candidate: string | null;
  readonly failover: FailureClass | SkipReason | null;
  readonly latencyMs: number;
  readonly firstTokenMs: number | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  /** By the price of the model that answered; null when it is not known. */
  readonly costUsd: number | null;
  /** Why there is no cost, where there was an answer. */
  readonly costUnknown: CostUnknown | null;
  readonly cache: "hit" | "miss" | "off";
  readonly adapted: readonly string[];
  /** How much of a stream was handed to the app; null for an answer in one piece. */
  readonly delivered: Delivered | null;
  /** Events of the provider's stream that could not be read and were left out. */
  readonly malformedEvents: number;
  /** The candidate that went on where a stream had broken off; null when none had to. */
  readonly continuedBy: string | null;
  readonly hedge: HedgeOutcome | null;
  /** How often the caller's own client had tried before, where it says so. */
  readonly callerRetry: number | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fleet: FleetView;
  readonly skipped: readonly Skip[];
  readonly attempts: readonly AttemptRecord[];
}

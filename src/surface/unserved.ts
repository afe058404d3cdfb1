import type { AttemptRecord, Skip, SkipReason } from "../contract/decision.ts";
import { nothingFits } from "./nothing-fits.ts";
import type { Failure, FailureClass } from "../contract/failure.ts";

/** Why nothing served, in terms that every dialect can write. */
export interface Unserved {
  readonly status: number;
  readonly type: string;
  readonly code: string;
  readonly message: string;
  /** Seconds until the first candidate may serve again; null when nobody knows. */
  readonly retryAfterSeconds: number | null;
  /** False where the caller's own retries cannot help. */
  readonly worthRetrying: boolean;
}

const throttled: ReadonlySet<string> = new Set(["rate_limited", "quota_exhausted"]);
/** Failures that lie in the request, though another model might have taken it. */
const requestsFault: ReadonlySet<string> = new Set<FailureClass>([
  "model_not_found",
  "context_length",
  "request_too_large",
  "unsupported",
]);

export interface Unsuccessful {
  readonly failure: Failure | null;
  readonly attempts: readonly AttemptRecord[];
  readonly skipped: readonly Skip[];
  /** When the first circuit in the way reopens, ms UTC; null when none is known to. */
  readonly reopensAt: number | null;
  readonly deadlineAt: number;
  readonly now: number;
}

/** Tells an app why nothing could serve, and when to come back. Pure. */
export function explainUnserved(outcome: Unsuccessful): Unserved {
  if (outcome.failure?.failsOver === false) return requestRefused(outcome.failure);
  const barred = overBudget(outcome);
  if (barred !== null) return barred;
  if (outcome.failure !== null && isRequestsFault(outcome)) return requestRefused(outcome.failure);
  const unfit = nothingFits(outcome);
  if (unfit !== null) return unfit;
  const common = {
    message: describe(outcome),
    retryAfterSeconds: secondsUntil(outcome.reopensAt, outcome.now),
  };
  return throttledBy(outcome, common) ?? unavailable(outcome, common);
}

type Common = Pick<Unserved, "message" | "retryAfterSeconds">;

/** Skips for which a candidate may serve again when a budget begins anew, and not before. */
export function isOverBudget({ reason }: Skip): boolean {
  return reason === "budget_spent" || reason === "budget_too_small";
}

/**
 * 402 when a budget stood in the way of every candidate that could take the request; null otherwise.
 * Where another one is merely out of service that decides: it may be back long before the budget is.
 */
function overBudget({ attempts, skipped, reopensAt, now }: Unsuccessful): Unserved | null {
  const [first] = skipped
    .filter(isOverBudget)
    .toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity));
  if (first === undefined) return null;
  if (!lastWords(attempts, skipped).every((word) => requestsFault.has(word))) return null;
  const anew = first.until === null ? "" : `; it begins anew at ${isoTime(first.until)}`;
  return {
    status: 402,
    type: "insufficient_quota",
    code: "budget_exceeded",
    message: `A budget does not allow this request: ${first.detail}${anew}.`,
    retryAfterSeconds: secondsUntil(first.until ?? reopensAt, now),
    worthRetrying: false,
  };
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

function requestRefused(failure: Failure): Unserved {
  return {
    status: refusedStatus(failure),
    type: failure.type ?? "invalid_request_error",
    code: failure.code ?? usualCode(failure),
    message: failure.message ?? `The provider refused the request (${failure.class}).`,
    retryAfterSeconds: null,
    worthRetrying: false,
  };
}

/** The code that OpenAI's clients know, where the provider gave none. */
function usualCode({ class: failedAs }: Failure): string {
  return failedAs === "context_length" ? "context_length_exceeded" : failedAs;
}

/**
 * An error may come inside a success; for the app it is an error. What no candidate could take is the
 * request's fault, though a provider may call it a server's. 499 is what proxies log for a caller that left.
 */
function refusedStatus({ class: failedAs, status, failsOver }: Failure): number {
  if (failedAs === "cancelled") return 499;
  if (status === null || status < 400) return 400;
  return failsOver && status >= 500 ? 400 : status;
}

/** 429 when a limit stood in the way of every candidate; null otherwise. */
function throttledBy({ attempts, skipped }: Unsuccessful, common: Common): Unserved | null {
  const reasons = lastWords(attempts, skipped);
  if (reasons.length === 0 || !reasons.every((reason) => throttled.has(reason))) return null;
  if (reasons.every((reason) => reason === "quota_exhausted")) {
    const names = { type: "insufficient_quota", code: "insufficient_quota" };
    return { status: 429, ...names, ...common, worthRetrying: false };
  }
  const names = { type: "rate_limit_error", code: "rate_limit_exceeded" };
  return { status: 429, ...names, ...common, worthRetrying: true };
}

function unavailable(
  { attempts, skipped, now, deadlineAt }: Unsuccessful,
  common: Common,
): Unserved {
  const error = { type: "server_error", ...common };
  if (now >= deadlineAt) {
    return { status: 504, code: "deadline_exceeded", ...error, worthRetrying: true };
  }
  const unconfigured = skipped.every(({ reason }) => reason === "not_configured");
  if (attempts.length === 0 && unconfigured) {
    return { status: 503, code: "not_configured", ...error, worthRetrying: false };
  }
  return { status: 503, code: "no_candidate_available", ...error, worthRetrying: true };
}

/** What became of each candidate in the end: one may have been asked twice, or after it was passed over at first. */
function lastWords(attempts: readonly AttemptRecord[], skipped: readonly Skip[]): string[] {
  const words = new Map(
    skipped.filter(isHealthSkip).map((skip) => [skip.candidate, reasonOf(skip)]),
  );
  for (const { candidate, outcome } of attempts) words.set(candidate, outcome);
  return [...words.values()];
}

/** Low on its allowance is throttled, if only by ourselves; else it counts what opened the circuit. */
function reasonOf({ reason, detail }: Skip): string {
  return reason === "quota_low" ? "rate_limited" : (detail ?? reason);
}

/** Skips that lie in the config or in the request say nothing of how the candidate is. */
const otherSkips: ReadonlySet<SkipReason> = new Set([
  "not_configured",
  "no_fallback",
  "attempts_spent",
  "already_tried",
  "context_too_small",
  "request_limit_too_small",
  "lacks_tools",
  "lacks_images",
  "lacks_json_schema",
  "lacks_audio",
  "price_too_high",
  "needs_adapting",
  // Passed over for a cheaper one, and asked later.
  "budget_low",
  "budget_too_small",
  "budget_spent",
]);

function isHealthSkip({ reason }: Skip): boolean {
  return !otherSkips.has(reason);
}

function isRequestsFault({ attempts, skipped }: Unsuccessful): boolean {
  return lastWords(attempts, skipped).every((word) => requestsFault.has(word));
}

function secondsUntil(at: number | null, now: number): number | null {
  return at === null ? null : Math.max(1, Math.ceil((at - now) / 1000));
}

/** One line a person can act on. Classes and reasons only: a provider's own words may hold the prompt. */
function describe({ attempts, skipped }: Unsuccessful): string {
  const told = [
    ...attempts.map(({ candidate, outcome }) => `${candidate}: ${outcome}`),
    ...skipped.map(({ candidate, reason, detail }) =>
      detail === null ? `${candidate}: ${reason}` : `${candidate}: ${reason} (${detail})`,
    ),
  ];
  const missing = skipped.flatMap(({ reason, detail }) =>
    reason === "not_configured" && detail !== null ? [detail.replace(/^no /, "")] : [],
  );
  const advice =
    missing.length === 0 ? "" : ` To use more of them set ${[...new Set(missing)].join(", ")}.`;
  return `No candidate could serve this request. ${told.join("; ")}.${advice}`;
}

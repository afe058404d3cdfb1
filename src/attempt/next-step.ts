import type { Random } from "../contract/edges.ts";
import type { Failure, FailureClass } from "../contract/failure.ts";
import type { RetryPolicy } from "../contract/route.ts";

/** What the loop does after a failed attempt. */
export type NextStep =
  /**
   * The same candidate once more. `holding`: only if this request is the one that opened the
   * candidate's circuit and so holds its probe; all others go to the next candidate.
   */
  | { readonly do: "retry"; readonly afterMs: number; readonly holding: boolean }
  | { readonly do: "next" }
  | { readonly do: "stop" };

/** A failed attempt, and what the request has spent and has left. */
export interface Situation {
  readonly failure: Pick<Failure, "class" | "failsOver" | "retryAfterMs">;
  /** Retries of this candidate for this request so far, and of all candidates. */
  readonly retriesHere: number;
  readonly retries: number;
  readonly callsLeft: number;
  readonly timeLeftMs: number;
  /** Whether the isolate's retry budget has one left. */
  readonly inBudget: boolean;
  readonly policy: RetryPolicy;
}

/** A fault that is over in a blink is worth one more look, at a time of the request's own. */
const blinkMs = { least: 100, most: 300 };

/** `stated`: worth the wait that the provider stated, if it is short. `blink`: worth a second look. */
const worth: Readonly<Record<FailureClass, "stated" | "blink" | "nothing">> = {
  rate_limited: "stated",
  overloaded: "stated",
  server_error: "blink",
  quota_exhausted: "nothing",
  timeout: "nothing",
  auth: "nothing",
  model_not_found: "nothing",
  context_length: "nothing",
  request_too_large: "nothing",
  content_filter: "nothing",
  unsupported: "nothing",
  bad_request: "nothing",
  cancelled: "nothing",
  unknown: "nothing",
};

const next: NextStep = { do: "next" };

/**
 * The truth table behind a failed attempt. A fallback is a lesser answer, so a short and sure wait
 * for the same candidate may be worth it, and a long or unsure one never is. Pure.
 */
export function nextStep(situation: Situation, random: Random): NextStep {
  const { failure, timeLeftMs } = situation;
  if (!failure.failsOver) return { do: "stop" };
  if (!mayRetry(situation)) return next;
  const wish = wishFor(situation, random);
  return wish !== null && wish.afterMs < timeLeftMs ? { do: "retry", ...wish } : next;
}

function mayRetry({ retriesHere, retries, callsLeft, inBudget, policy }: Situation): boolean {
  return retriesHere < 1 && retries < policy.maxRetries && callsLeft > 0 && inBudget;
}

function wishFor(
  { failure, policy }: Situation,
  random: Random,
): { afterMs: number; holding: boolean } | null {
  const { retryAfterMs: stated } = failure;
  const blink = Math.round(blinkMs.least + random() * (blinkMs.most - blinkMs.least));
  switch (worth[failure.class]) {
    case "stated":
      if (policy.onLimit === "failover" || stated === null || stated > policy.maxRetryWaitMs) {
        return null;
      }
      return { afterMs: stated > 0 ? stated : blink, holding: true };
    case "blink":
      // Never sooner than it asked for.
      return stated !== null && stated > blink ? null : { afterMs: blink, holding: false };
    case "nothing":
      return null;
  }
}

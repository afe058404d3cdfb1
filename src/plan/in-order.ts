import type { ChatRequest } from "../contract/chat.ts";
import type { Candidate, Route } from "../contract/route.ts";
import { expectedCost } from "./cost.ts";
import type { LazyEstimate } from "./estimate.ts";
import { usualAnswer } from "./fits.ts";
import type { Knowledge } from "./knowledge.ts";
import { orders } from "./orders/index.ts";
import { requestKey } from "./request-key.ts";

interface Asking {
  readonly now: number;
  readonly request: ChatRequest;
  readonly estimate: LazyEstimate;
  readonly decision: string;
}

/** A route's candidates in the order that it wants; lesser ones stay behind all others, as listed. */
export function inOrder(
  { candidates, order }: Route,
  known: Knowledge,
  { now, request, estimate, decision }: Asking,
): readonly Candidate[] {
  if (order === "priority") return candidates;
  const ordered = orders[order](
    candidates.filter(({ lesser }) => !lesser),
    {
      seed: decision,
      get requestKey() {
        return requestKey(request);
      },
      get answerTokens() {
        return answerTokens(estimate);
      },
      speedOf: (candidate) => known.speed(candidate, now),
      costOf: expectedCostAt(known, estimate),
    },
  );
  return [...ordered, ...candidates.filter(({ lesser }) => lesser)];
}

/** What a request is expected to cost at each candidate, micro-dollars; null where no price is known. */
export function expectedCostAt(
  known: Knowledge,
  estimate: LazyEstimate,
): (candidate: Candidate) => number | null {
  return (candidate) => {
    const { price, maxOutput } = known.facts(candidate);
    if (price === null) return null;
    const answer = Math.min(answerTokens(estimate), maxOutput ?? Number.POSITIVE_INFINITY);
    return expectedCost(price, estimate.tokens.input * known.ratio(candidate).ratio, answer);
  };
}

function answerTokens(estimate: LazyEstimate): number {
  return estimate.tokens.output || usualAnswer;
}

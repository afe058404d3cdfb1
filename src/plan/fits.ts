import type { SkipReason } from "../contract/decision.ts";
import type { Fitting, ModelFacts } from "../contract/route.ts";
import { expectedCost } from "./cost.ts";
import type { LazyEstimate } from "./estimate.ts";
import type { Needs } from "./needs.ts";

/** An estimate that no real usage has corrected may be too high by so much. */
export const unlearntShare = 0.85;
/** An answer whose length the app does not limit is expected to be this long, tokens. */
export const usualAnswer = 1_000;

/** A request, as far as a model may be unable to take it. */
export interface Asked {
  readonly needs: Needs;
  readonly estimate: LazyEstimate;
  readonly fitting: Fitting;
  /** By how much this candidate's tokens differ from the estimate, and whether that was seen. */
  readonly ratio: number;
  readonly learnt: boolean;
}

/** Why a candidate cannot take a request. */
export interface Misfit {
  readonly reason: SkipReason;
  /** All that it lacks, in words. */
  readonly lacks: readonly string[];
  /** Whether it could answer with tools and images left out. */
  readonly degradable: boolean;
}

interface Lack {
  readonly reason: SkipReason;
  readonly what: string;
}

/**
 * What a model is known to lack for a request; null when nothing is. Unknown is never "no": what
 * nobody knows is for the provider to say. Pure.
 */
export function misfitOf(facts: ModelFacts, asked: Asked): Misfit | null {
  const left = [...withoutMeaning(facts, asked.needs)];
  const firm = [...lackingForms(facts, asked), ...tooLong(facts, asked), ...tooDear(facts, asked)];
  const [first] = [...left, ...firm];
  if (first === undefined) return null;
  return {
    reason: first.reason,
    lacks: [...left, ...firm].map(({ what }) => what),
    degradable: firm.length === 0,
  };
}

/** What would have to be left out, and with it some of what the request means. */
function withoutMeaning(facts: ModelFacts, needs: Needs): Lack[] {
  const lacks: Lack[] = [];
  if (needs.tools && facts.tools === false) lacks.push({ reason: "lacks_tools", what: "tools" });
  if (needs.images && facts.images === false) {
    lacks.push({ reason: "lacks_images", what: "images" });
  }
  return lacks;
}

function lackingForms(facts: ModelFacts, { needs, fitting }: Asked): Lack[] {
  const lacks: Lack[] = [];
  if (needs.audio && facts.audio === false) lacks.push({ reason: "lacks_audio", what: "audio" });
  if (needs.jsonSchema && facts.jsonSchema === false) {
    if (facts.jsonMode === false) lacks.push({ reason: "lacks_json_schema", what: "JSON schema" });
    else if (fitting.refused.has("jsonSchema")) {
      lacks.push({ reason: "needs_adapting", what: "JSON schema without adapting" });
    }
  }
  return lacks;
}

function tooLong(facts: ModelFacts, asked: Asked): Lack[] {
  const lacks: Lack[] = [];
  const { contextWindow, maxRequestTokens } = facts;
  if (contextWindow !== null) {
    const needed = tokensOver(contextWindow, facts, asked);
    if (needed !== null) {
      const what = `a context of ${needed} tokens (it has ${contextWindow})`;
      lacks.push({ reason: "context_too_small", what });
    }
  }
  if (maxRequestTokens !== null) {
    const needed = tokensOver(maxRequestTokens, facts, asked);
    if (needed !== null) {
      const what = `${needed} tokens in one request (it allows ${maxRequestTokens})`;
      lacks.push({ reason: "request_limit_too_small", what });
    }
  }
  return lacks;
}

/** The tokens of prompt and answer where they are more than `size`; else null. The text is read only when it may be. */
function tokensOver(
  size: number,
  { maxOutput }: ModelFacts,
  { estimate, ratio, learnt }: Asked,
): number | null {
  if (estimate.atMost * Math.max(1, ratio) <= size) return null;
  const { input, output } = estimate.tokens;
  const answer = Math.min(output, maxOutput ?? output);
  const sure = Math.ceil(input * ratio * (learnt ? 1 : unlearntShare)) + answer;
  return sure > size ? Math.ceil(input * ratio) + answer : null;
}

function tooDear({ price, maxOutput }: ModelFacts, asked: Asked): Lack[] {
  const { maxPricePerRequest: most } = asked.fitting;
  if (most === null || price === null) return [];
  const { input, output } = asked.estimate.tokens;
  const answer = Math.min(output || usualAnswer, maxOutput ?? Number.POSITIVE_INFINITY);
  const dollars = expectedCost(price, input * asked.ratio, answer) / 1_000_000;
  if (dollars <= most) return [];
  const what = `a price within $${most} (about $${dollars.toPrecision(2)})`;
  return [{ reason: "price_too_high", what }];
}

import type { Usage } from "../contract/chat.ts";
import type { Candidate, ModelFacts, Price, Rate } from "../contract/route.ts";
import { dropsVariant, isSameModel } from "./same-model.ts";

/** Tokens by the price that each sort of them has; the sorts do not overlap. */
export interface PricedTokens {
  readonly freshInput: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What tokens cost, in micro-dollars, not rounded: dollars per million tokens are micro-dollars per token. */
export function costOf(price: Price, tokens: PricedTokens): number {
  const prompt = tokens.freshInput + tokens.cachedInput + tokens.cacheWrite;
  const at = (rate: Rate): number => rateAt(rate, prompt);
  return (
    tokens.freshInput * at(price.input) +
    tokens.cachedInput * at(price.cachedInput ?? price.input) +
    tokens.cacheWrite * at(price.cacheWrite ?? price.input) +
    tokens.output * at(price.output) +
    tokens.reasoning * at(price.reasoning ?? price.output)
  );
}

/** The same for a request that has not been made: nothing of it is known to be cached. */
export function expectedCost(price: Price, input: number, output: number): number {
  return costOf(price, { freshInput: input, cachedInput: 0, cacheWrite: 0, output, reasoning: 0 });
}

function rateAt({ base, above }: Rate, prompt: number): number {
  return above.reduce((price, step) => (prompt > step.tokens ? step.price : price), base);
}

/**
 * The sorts of tokens in a usage, whatever the provider calls them: cached ones stand in OpenAI's
 * details, beside the prompt at DeepSeek and Moonshot, and in Anthropic's own words at some gateways.
 */
export function tokensOf(usage: Usage): PricedTokens {
  const { prompt_tokens: prompt, completion_tokens: completion } = usage;
  const details = usage["prompt_tokens_details"];
  const cachedInput = Math.min(
    prompt,
    count(details, "cached_tokens") ||
      count(usage, "prompt_cache_hit_tokens") ||
      count(usage, "cached_tokens") ||
      count(usage, "cache_read_input_tokens"),
  );
  const cacheWrite = Math.min(
    prompt - cachedInput,
    count(details, "cache_write_tokens") || count(usage, "cache_creation_input_tokens"),
  );
  const reasoning = count(usage["completion_tokens_details"], "reasoning_tokens");
  // Some count the thinking beside the answer and not in it; their total tells.
  const beside = reasoning > 0 && usage.total_tokens === prompt + completion + reasoning;
  return {
    freshInput: prompt - cachedInput - cacheWrite,
    cachedInput,
    cacheWrite,
    output: beside ? completion : Math.max(0, completion - reasoning),
    reasoning,
  };
}

function count(value: unknown, field: string): number {
  if (typeof value !== "object" || value === null) return 0;
  const found: unknown = Object.entries(value).find(([name]) => name === field)?.[1];
  return typeof found === "number" && Number.isFinite(found) && found > 0 ? found : 0;
}

/**
 * What an answer cost, dollars; null when nobody can tell: no usage was stated, or no price is known.
 * `known`: what is known of the candidate's model by now, its provider's listing included.
 */
export function chargeFor(
  candidate: Candidate,
  known: ModelFacts,
  { usage, model, continuedBy }: Answered,
): number | null {
  // The usage of an answer that two models told is the second one's only.
  if (usage === null || continuedBy !== null) return null;
  const price = priceOfAnswer(candidate, known, model);
  return price === null ? null : costOf(price, tokensOf(usage)) / 1_000_000;
}

interface Answered {
  readonly usage: Usage | null;
  /** What the provider calls the model that answered. */
  readonly model: string | null;
  readonly continuedBy: string | null;
}

/**
 * A router's model is not the one that was asked for: the one that answered has the price. A price
 * that the provider lists today is not put off by a catalogue's for a dated name of the same model.
 */
function priceOfAnswer(
  { account, facts, model: asked, ownPrice }: Candidate,
  known: ModelFacts,
  answered: string | null,
): Price | null {
  if (ownPrice || answered === null || answered === asked) return known.price;
  const isListed = known.price !== null && known.price !== facts.price;
  if (isListed && isSameModel(asked, answered)) return known.price;
  if (known.price !== null && dropsVariant(asked, answered)) return known.price;
  return account.provider?.describe(answered).price ?? known.price;
}

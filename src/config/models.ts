import type { ModelFacts, Price, Rate } from "../contract/route.ts";
import type { Provider } from "../contract/provider.ts";
import type { ModelEntry, ProviderEntry } from "./schema.ts";

/** A model of which nobody knows anything. */
export const unknownFacts: ModelFacts = {
  contextWindow: null,
  maxRequestTokens: null,
  maxOutput: null,
  tools: null,
  parallelTools: null,
  images: null,
  audio: null,
  jsonSchema: null,
  jsonMode: null,
  reasoning: null,
  price: null,
};

interface ResolvedModel {
  readonly model: string;
  readonly facts: ModelFacts;
  readonly stated: Partial<ModelFacts>;
  readonly ownPrice: boolean;
}

/** A model's name at its provider, and what is known of it: the config's word before the provider kind's. */
export function resolveModel(
  entry: ProviderEntry | undefined,
  model: string,
  provider: Pick<Provider, "describe"> | null = null,
): ResolvedModel {
  const said = entry?.models?.[model] ?? model;
  const {
    name = model,
    price,
    ...facts
  }: ModelEntry = typeof said === "string" ? { name: said } : said;
  const stated = { ...facts, ...(price !== undefined && { price: priceOf(price) }) };
  const known = { ...unknownFacts, ...provider?.describe(name), ...stated };
  return { model: name, facts: known, stated, ownPrice: price !== undefined };
}

function priceOf({
  input,
  output,
  cachedInput,
  cacheWrite,
  reasoning,
}: NonNullable<ModelEntry["price"]>): Price {
  return {
    input: rate(input),
    output: rate(output),
    cachedInput: cachedInput === undefined ? null : rate(cachedInput),
    cacheWrite: cacheWrite === undefined ? null : rate(cacheWrite),
    reasoning: reasoning === undefined ? null : rate(reasoning),
  };
}

function rate(base: number): Rate {
  return { base, above: [] };
}

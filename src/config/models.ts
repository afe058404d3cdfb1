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
  const described = { ...unknownFacts, ...provider?.describe(name) };
  const known = { ...described, ...facts };
  if (price === undefined) return { model: name, facts: known, ownPrice: false };
  return { model: name, facts: { ...known, price: priceOf(price) }, ownPrice: true };
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

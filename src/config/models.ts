import type { ModelFacts } from "../contract/route.ts";
import type { ProviderEntry } from "./schema.ts";

const unknown: ModelFacts = {
  contextWindow: null,
  maxRequestTokens: null,
  tools: null,
  images: null,
  jsonSchema: null,
};

/** A model's name at its provider, and what the config says of it. */
export function resolveModel(
  entry: ProviderEntry | undefined,
  model: string,
): { model: string; facts: ModelFacts } {
  const said = entry?.models?.[model];
  if (said === undefined) return { model, facts: unknown };
  if (typeof said === "string") return { model: said, facts: unknown };
  const { name = model, ...facts } = said;
  return { model: name, facts: { ...unknown, ...facts } };
}

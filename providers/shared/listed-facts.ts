import { firstKnown } from "../../src/contract/facts.ts";
import type { ModelFacts } from "../../src/contract/route.ts";
import { isRecord, type JsonRecord } from "./json-values.ts";

/** Between the least and the most that can be meant: 0 is a placeholder of some listings. */
const fewestTokens = 128;
const mostTokens = 20_000_000;

/** A count of tokens as a listing states it; null where it states none, or none that can be meant. */
export function tokensIn(value: unknown): number | null {
  if (typeof value !== "number" || !Number.isInteger(value)) return null;
  return value >= fewestTokens && value <= mostTokens ? value : null;
}

/** What is said with yes or no; null where nothing is. */
export function saidOf(value: unknown): boolean | null {
  return typeof value === "boolean" ? value : null;
}

/** True where it is said; of some listings a "no" only means that nobody knows. */
export function yesOf(value: unknown): true | null {
  return value === true ? true : null;
}

/** An object inside an entry; empty where there is none. */
export function partOf(entry: JsonRecord, name: string): JsonRecord {
  const part = entry[name];
  return isRecord(part) ? part : {};
}

/** A list of words; null where there is none. */
export function wordsIn(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter((word: unknown) => typeof word === "string");
}

/**
 * What a prompt and its answer may have together, where only the most of each is stated. Whether the
 * first holds the second too differs by model, and the sum is never too small.
 */
export function windowOf(input: number | null, output: number | null): number | null {
  return input === null || output === null ? null : input + output;
}

/** Images and audio by the sorts of input that a model takes; such a list names all of them. */
export function inputsIn(value: unknown): Partial<ModelFacts> {
  const sorts = wordsIn(value);
  // One without text is of no model for chats, or says something else.
  if (sorts === null || !sorts.includes("text")) return {};
  return { images: sorts.includes("image"), audio: sorts.includes("audio") };
}

const featureNames = {
  tools: /^(?:tools?|tool[-_ ](?:use|calls?|calling)|function[-_]?calling)$/,
  images: /^(?:vision|image[-_]input)$/,
  jsonSchema: /^structured[-_]outputs?$/,
  jsonMode: /^json[-_]mode$/,
  reasoning: /^(?:reasoning|thinking)$/,
};

/** What a list of features has; what it has not may only be left out. */
export function featuresIn(...lists: readonly unknown[]): Partial<ModelFacts> {
  const words = lists.flatMap((list) => wordsIn(list) ?? []);
  const has = (name: RegExp): true | null => (words.some((word) => name.test(word)) ? true : null);
  return {
    tools: has(featureNames.tools),
    images: has(featureNames.images),
    jsonSchema: has(featureNames.jsonSchema),
    jsonMode: has(featureNames.jsonMode),
    reasoning: has(featureNames.reasoning),
  };
}

/** What mean the same in every listing that has them, the surest first. Prices are not among them. */
const windowNames = [
  "context_length",
  "context_window",
  "max_context_length",
  "context_size",
  // Of vLLM and SGLang, for prompt and answer together.
  "max_model_len",
];
const outputNames = ["max_completion_tokens", "max_output_tokens", "max_output_length"];

/** What an entry says in words that mean one thing everywhere; what it leaves out is unknown. */
export function commonFacts(entry: JsonRecord): Partial<ModelFacts> {
  const first = (names: readonly string[]): number | null =>
    names.map((name) => tokensIn(entry[name])).find((tokens) => tokens !== null) ?? null;
  const said = (...names: readonly string[]): boolean | null =>
    names.map((name) => saidOf(entry[name])).find((is) => is !== null) ?? null;
  return firstKnown(
    {
      contextWindow: first(windowNames),
      maxOutput: first(outputNames),
      tools: said("supports_tools", "supports_function_calling"),
      images: said("supports_image_input", "supports_image_in", "supports_vision"),
      audio: said("supports_audio_input", "supports_audio_in"),
      reasoning: said("supports_reasoning"),
    },
    inputsIn(partOf(entry, "architecture")["input_modalities"] ?? entry["input_modalities"]),
    featuresIn(entry["supported_features"], entry["features"], entry["capabilities"]),
  );
}

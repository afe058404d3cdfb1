import type { ModelFacts } from "../../src/contract/route.ts";
import { isRecord } from "../shared/json-values.ts";

/**
 * What `/api/show` says of a model: what it can do, and the window that it was trained for. A server
 * that lists no capabilities is an old one, and says nothing.
 * Source: https://docs.ollama.com/api-reference/show-model-details
 */
export function factsToldBy(shown: unknown): Partial<ModelFacts> {
  if (!isRecord(shown)) return {};
  const { capabilities, model_info: info } = shown;
  const window = isRecord(info) ? windowIn(info) : null;
  return {
    ...(window !== null && { contextWindow: window }),
    ...(Array.isArray(capabilities) && {
      tools: capabilities.includes("tools"),
      images: capabilities.includes("vision"),
      reasoning: capabilities.includes("thinking"),
    }),
  };
}

/** The field is named after the model's architecture, as `llama.context_length`. */
function windowIn(info: Readonly<Record<string, unknown>>): number | null {
  const [, window] = Object.entries(info).find(([name]) => name.endsWith(".context_length")) ?? [];
  return typeof window === "number" && window > 0 ? window : null;
}

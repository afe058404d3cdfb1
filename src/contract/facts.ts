import type { ModelFacts } from "./route.ts";

/** What is known of a model where several say something: each thing by the first who says anything of it. Pure. */
export function firstKnown(...sayings: readonly Partial<ModelFacts>[]): ModelFacts {
  const first = <Name extends keyof ModelFacts>(name: Name): ModelFacts[Name] | null => {
    for (const { [name]: said } of sayings) {
      if (said !== undefined && said !== null) return said;
    }
    return null;
  };
  return {
    contextWindow: first("contextWindow"),
    maxRequestTokens: first("maxRequestTokens"),
    maxOutput: first("maxOutput"),
    tools: first("tools"),
    parallelTools: first("parallelTools"),
    images: first("images"),
    audio: first("audio"),
    jsonSchema: first("jsonSchema"),
    jsonMode: first("jsonMode"),
    reasoning: first("reasoning"),
    price: first("price"),
  };
}

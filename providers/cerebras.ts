import type { ListingSpec } from "./shared/listing.ts";
import { partOf, saidOf, tokensIn, yesOf } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import { cerebrasLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/**
 * The list of a key holds only ids; the public one has limits, abilities, and prices in dollars per
 * token, as text.
 */
const listing: ListingSpec = {
  url: (baseUrl) => `${baseUrl.replace(/\/v1$/, "/public/v1")}/models`,
  facts(entry) {
    const limits = partOf(entry, "limits");
    const can = partOf(entry, "capabilities");
    const { prompt: input, completion: output } = partOf(entry, "pricing");
    return {
      contextWindow: tokensIn(limits["max_context_length"]),
      maxOutput: tokensIn(limits["max_completion_tokens"]),
      tools: yesOf(can["tools"]) ?? saidOf(can["function_calling"]),
      images: saidOf(can["vision"]),
      reasoning: saidOf(can["reasoning"]),
      price: listedPrice({ input, output }, perToken),
    };
  },
};

/** https://inference-docs.cerebras.ai/resources/openai */
export const cerebras = openAiCompatible({
  kind: "cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  apiKeyEnv: "CEREBRAS_API_KEY",
  listing,
  failures: {
    limits: cerebrasLimits,
    quotaScope: "candidate",
    rules: [
      // The code says "quota" for every window; only the text names which.
      // https://inference-docs.cerebras.ai/support/rate-limits
      {
        as: "quota_exhausted",
        status: [429],
        text: /per (?:day|month)|daily|monthly/,
        scope: "candidate",
      },
      { as: "rate_limited", code: /^(?:token|request)_quota_exceeded$/ },
      { as: "overloaded", code: /^queue_exceeded$/ },
    ],
  },
});

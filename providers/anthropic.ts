import { partOf, saidOf, tokensIn } from "./shared/listed-facts.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { anthropicLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** The listing of its own API, which has no prices; 0 is a placeholder. https://docs.claude.com/en/api/models-list, ModelInfo of https://github.com/anthropics/anthropic-sdk-typescript */
const listing: ListingSpec = {
  url: (baseUrl) => `${baseUrl}/models?limit=1000`,
  headers: (apiKey) => ({
    "anthropic-version": "2023-06-01",
    ...(apiKey !== null && { "x-api-key": apiKey }),
  }),
  facts(entry) {
    const can = partOf(entry, "capabilities");
    return {
      contextWindow: tokensIn(entry["max_input_tokens"]),
      maxOutput: tokensIn(entry["max_tokens"]),
      images: saidOf(partOf(can, "image_input")["supported"]),
      reasoning: saidOf(partOf(can, "thinking")["supported"]),
    };
  },
};

/** Claude through its OpenAI-compatible endpoint; errors come in either shape. https://docs.claude.com/en/api/openai-sdk */
export const anthropic = openAiCompatible({
  kind: "anthropic",
  baseUrl: "https://api.anthropic.com/v1",
  apiKeyEnv: "ANTHROPIC_API_KEY",
  // https://docs.claude.com/en/api/openai-sdk: `response_format` is ignored, so a schema has to be asked for.
  facts: () => ({ jsonSchema: false }),
  listing,
  failures: {
    limits: anthropicLimits,
    resetHeaders: ["anthropic-ratelimit-unified-reset"],
    rules: [
      // The windows of a subscription (5 hours, 7 days); plain 429 otherwise.
      {
        as: "quota_exhausted",
        status: [429],
        header: ["anthropic-ratelimit-unified-status", /rejected/],
      },
      { as: "overloaded", text: /^overloaded$/m },
      // https://docs.claude.com/en/api/errors: 403 in any of its wordings is about the account.
      {
        as: "auth",
        text: /credential[^\n]{0,40}only authorized for|oauth (?:token|authentication)/,
      },
    ],
  },
});

import { firstKnown } from "../src/contract/facts.ts";
import { commonFacts, partOf, tokensIn, wordsIn } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/**
 * Prices are dollars per token as text, "0" is free of charge, "-1" depends on the model that is
 * picked. The parameters are those of all providers together: what none of them has is refused, or
 * left out unsaid. https://openrouter.ai/docs/overview/models
 */
const listing: ListingSpec = {
  facts(entry) {
    const pricing = partOf(entry, "pricing");
    const named = wordsIn(entry["supported_parameters"]) ?? [];
    const takes = (name: string): boolean | null =>
      named.length === 0 ? null : named.includes(name);
    const { prompt: input, completion: output } = pricing;
    const { input_cache_read: cachedInput, input_cache_write: cacheWrite, request } = pricing;
    return firstKnown(
      {
        maxOutput: tokensIn(partOf(entry, "top_provider")["max_completion_tokens"]),
        tools: takes("tools"),
        // One that is not named may still be taken: it is no matter of routing there.
        parallelTools: takes("parallel_tool_calls") === true ? true : null,
        jsonSchema: takes("structured_outputs"),
        jsonMode: takes("response_format"),
        reasoning: takes("reasoning"),
        // With a price for each request those of the tokens are not all that it costs.
        price: hasFee(request)
          ? null
          : listedPrice({ input, output, cachedInput, cacheWrite }, { ...perToken, free: true }),
      },
      commonFacts(entry),
    );
  },
};

function hasFee(request: unknown): boolean {
  return request !== undefined && request !== null && Number(request) !== 0;
}

/** https://openrouter.ai/docs/api-reference/overview */
export const openrouter = openAiCompatible({
  kind: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  apiKeyEnv: "OPENROUTER_API_KEY",
  listing,
  failures: {
    rules: [
      // Credits are left, only this request is too dear: smaller ones still work.
      // https://openrouter.ai/docs/api-reference/errors (402)
      {
        as: "quota_exhausted",
        text: /can only afford [1-9]|tokens limit exceeded: \d|capacity required, [1-9]\d{0,12} available/,
        counts: false,
      },
      // A spending limit of the key, under 403.
      { as: "quota_exhausted", text: /key limit exceeded/, scope: "provider" },
      // Free models have a daily allowance of their own.
      { as: "quota_exhausted", text: /free-models-per-day/, scope: "candidate" },
      { as: "rate_limited", text: /free-models-per-min/ },
      { as: "unsupported", text: /no endpoints found that (?:can )?support/ },
      {
        as: "model_not_found",
        status: [400, 404],
        text: /no (?:endpoints|allowed providers)|not a valid model id/,
      },
    ],
  },
});

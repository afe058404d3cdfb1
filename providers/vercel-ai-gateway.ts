import { firstKnown } from "../src/contract/facts.ts";
import { commonFacts, featuresIn, partOf, tokensIn } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://vercel.com/docs/ai-gateway/openai-compat */
export const vercelAiGateway = openAiCompatible({
  kind: "vercel-ai-gateway",
  baseUrl: "https://ai-gateway.vercel.sh/v1",
  apiKeyEnv: "AI_GATEWAY_API_KEY",
  // Dollars per token, as text; where a long prompt has another price that stands in tiers, and one
  // price would be too low. https://vercel.com/docs/ai-gateway/models-and-providers#dynamic-model-discovery
  listing: {
    facts(entry) {
      const pricing = partOf(entry, "pricing");
      const {
        input,
        output,
        input_cache_read: cachedInput,
        input_cache_write: cacheWrite,
      } = pricing;
      const tiered = [pricing["input_tiers"], pricing["output_tiers"]].some(
        (tiers) => Array.isArray(tiers) && tiers.length > 1,
      );
      return firstKnown(
        {
          maxOutput: tokensIn(entry["max_tokens"]),
          price: tiered ? null : listedPrice({ input, output, cachedInput, cacheWrite }, perToken),
        },
        commonFacts(entry),
        featuresIn(entry["tags"]),
      );
    },
  },
  failures: {
    rules: [
      // Sent as a rate limit; only money or a card helps: https://vercel.com/docs/ai-gateway/pricing
      { as: "quota_exhausted", text: /free credits[^\n]{0,60}restricted|valid credit card/ },
      { as: "quota_exhausted", code: /^(?:insufficient_funds|customer_verification_required)$/ },
    ],
  },
});

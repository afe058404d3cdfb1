import { commonFacts, partOf } from "./shared/listed-facts.ts";
import { listedPrice, perMillion } from "./shared/listed-price.ts";
import { togetherLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.together.ai/docs/openai-api-compatibility */
export const together = openAiCompatible({
  kind: "together",
  baseUrl: "https://api.together.xyz/v1",
  apiKeyEnv: "TOGETHER_API_KEY",
  requestQuirks: { roles: systemOnly },
  // A bare array; dollars per million tokens, and 0 for what is rented by the hour.
  // ModelObject of https://github.com/togethercomputer/together-typescript
  listing: {
    facts(entry) {
      const { input, output, cached_input: cachedInput } = partOf(entry, "pricing");
      return {
        ...commonFacts(entry),
        price: listedPrice({ input, output, cachedInput }, perMillion),
      };
    },
  },
  failures: {
    limits: togetherLimits,
    rules: [
      // `credit_limit` is the type of a throttle (429) and of a spent account (402) alike; 403 is
      // documented for prompts over the window. https://docs.together.ai/docs/error-codes
      { as: "rate_limited", status: [429], code: /^credit_limit$/ },
      { as: "rate_limited", code: /^dynamic_(?:request|token)_limited$/ },
    ],
  },
});

import { commonFacts, tokensIn } from "./shared/listed-facts.ts";
import { dearerAbove, listedPrice } from "./shared/listed-price.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { openAiLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Prices are cents per hundred million tokens. https://docs.x.ai/docs/api-reference#list-language-models */
const listing: ListingSpec = {
  url: (baseUrl) => `${baseUrl}/language-models`,
  facts(entry) {
    const unit = { worth: 1 / 10_000 };
    const price = listedPrice(
      {
        input: entry["prompt_text_token_price"],
        output: entry["completion_text_token_price"],
        cachedInput: entry["cached_prompt_text_token_price"],
      },
      unit,
    );
    const long = listedPrice(
      {
        input: entry["prompt_text_token_price_long_context"],
        output: entry["completion_text_token_price_long_context"],
      },
      unit,
    );
    const above = tokensIn(entry["long_context_threshold"]);
    const stepped = price !== null && long !== null && above !== null;
    return {
      ...commonFacts(entry),
      price: stepped ? dearerAbove(price, above, long) : price,
    };
  },
};

/** https://docs.x.ai/docs/api-reference */
export const xai = openAiCompatible({
  kind: "xai",
  baseUrl: "https://api.x.ai/v1",
  apiKeyEnv: "XAI_API_KEY",
  listing,
  failures: {
    limits: openAiLimits,
    rules: [
      // The code is the same sentence for a throttle and for spent credits; of the texts:
      // https://github.com/continuedev/continue/issues/10373, https://docs.x.ai/docs/guides/usage-guidelines
      {
        as: "quota_exhausted",
        text: /(?:used all|doesn't have any|run out of)[^\n]{0,40} credits|spending limit/,
      },
      { as: "content_filter", text: /violates usage guidelines|safety_check_type/ },
    ],
  },
});

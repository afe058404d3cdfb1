import { openAiLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.x.ai/docs/api-reference */
export const xai = openAiCompatible({
  kind: "xai",
  baseUrl: "https://api.x.ai/v1",
  apiKeyEnv: "XAI_API_KEY",
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

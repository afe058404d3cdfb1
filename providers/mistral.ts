import { mistralLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.mistral.ai/api/ */
export const mistral = openAiCompatible({
  kind: "mistral",
  baseUrl: "https://api.mistral.ai/v1",
  apiKeyEnv: "MISTRAL_API_KEY",
  // Both are refused as "extra inputs"; the usage comes with the last chunk unasked.
  requestQuirks: { streamUsage: false, rename: { max_completion_tokens: "max_tokens" } },
  failures: {
    limits: mistralLimits,
    rules: [
      // Its own numbers, as strings, beside a type that may say less. They are documented nowhere;
      // from answers that users quote: https://github.com/raycast/extensions/issues/31107 (1300)
      { as: "rate_limited", code: /^1300$/ },
      { as: "model_not_found", code: /^1500$/ },
      { as: "context_length", code: /^3051$/ },
      { as: "overloaded", code: /^3505$/ },
      {
        as: "bad_request",
        code: /^(?:invalid_request_message_order|invalid_request_prompt|32\d\d)$/,
      },
    ],
  },
});

import { partOf, saidOf, tokensIn } from "./shared/listed-facts.ts";
import { mistralLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.mistral.ai/api/ */
export const mistral = openAiCompatible({
  kind: "mistral",
  baseUrl: "https://api.mistral.ai/v1",
  apiKeyEnv: "MISTRAL_API_KEY",
  // What its schema does not name is refused as "extra inputs"; the usage comes with the last chunk unasked.
  requestQuirks: {
    streamUsage: false,
    rename: { max_completion_tokens: "max_tokens", seed: "random_seed" },
    drop: ["logit_bias", "logprobs", "top_logprobs", "service_tier", "store", "user", "verbosity"],
    roles: systemOnly,
  },
  // BaseModelCard of https://github.com/mistralai/client-ts. 32768 is what its schema puts where nobody stated a length.
  listing: {
    facts(entry) {
      const length = tokensIn(entry["max_context_length"]);
      const can = partOf(entry, "capabilities");
      return {
        contextWindow: length === 32_768 ? null : length,
        tools: saidOf(can["function_calling"]),
        images: saidOf(can["vision"]),
        audio: saidOf(can["audio"]),
        reasoning: saidOf(can["reasoning"]),
      };
    },
  },
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

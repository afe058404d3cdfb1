import { commonFacts, partOf } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import { groqLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://console.groq.com/docs/openai */
export const groq = openAiCompatible({
  kind: "groq",
  baseUrl: "https://api.groq.com/openai/v1",
  apiKeyEnv: "GROQ_API_KEY",
  // https://console.groq.com/docs/openai#currently-unsupported-openai-features
  requestQuirks: { drop: ["logprobs", "logit_bias", "top_logprobs"], roles: systemOnly },
  // https://console.groq.com/docs/structured-outputs: schemas by some models, any JSON by all.
  facts: (model) => ({
    jsonSchema: /gpt-oss|kimi-k2|llama-4/.test(model),
    jsonMode: true,
  }),
  // With the fields that OpenRouter wants of its providers; prices are dollars per token, as text.
  // https://console.groq.com/docs/models, https://openrouter.ai/docs/guides/community/for-providers
  listing: {
    facts(entry) {
      const { prompt, completion, input_cache_read: cachedInput } = partOf(entry, "pricing");
      const price = listedPrice({ input: prompt, output: completion, cachedInput }, perToken);
      return { ...commonFacts(entry), price };
    },
  },
  failures: {
    limits: groqLimits,
    quotaScope: "candidate",
    rules: [
      // https://console.groq.com/docs/errors: 498 is "flex tier capacity exceeded".
      { as: "overloaded", status: [498] },
      // The model's own broken output: this request may succeed elsewhere, and nobody is down.
      // https://console.groq.com/docs/tool-use, https://console.groq.com/docs/structured-outputs
      { as: "bad_request", code: /^(?:tool_use_failed|json_validate_failed)$/, failsOver: true },
    ],
  },
});

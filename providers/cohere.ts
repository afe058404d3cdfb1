import { cohereLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.cohere.com/docs/compatibility-api */
export const cohere = openAiCompatible({
  kind: "cohere",
  baseUrl: "https://api.cohere.ai/compatibility/v1",
  apiKeyEnv: "COHERE_API_KEY",
  failures: {
    limits: cohereLimits,
    rules: [
      // https://docs.cohere.com/reference/errors: 498 is blocked content (at Groq it is capacity).
      { as: "content_filter", status: [498] },
      { as: "context_length", status: [400], text: /too many tokens/ },
      // A trial key's month counts over all models.
      { as: "quota_exhausted", status: [429], text: /\/ ?month|per month|monthly/ },
    ],
  },
});

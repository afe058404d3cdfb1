import { groqLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://console.groq.com/docs/openai */
export const groq = openAiCompatible({
  kind: "groq",
  baseUrl: "https://api.groq.com/openai/v1",
  apiKeyEnv: "GROQ_API_KEY",
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

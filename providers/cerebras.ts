import { cerebrasLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://inference-docs.cerebras.ai/resources/openai */
export const cerebras = openAiCompatible({
  kind: "cerebras",
  baseUrl: "https://api.cerebras.ai/v1",
  apiKeyEnv: "CEREBRAS_API_KEY",
  failures: {
    limits: cerebrasLimits,
    quotaScope: "candidate",
    rules: [
      // The code says "quota" for every window; only the text names which.
      // https://inference-docs.cerebras.ai/support/rate-limits
      {
        as: "quota_exhausted",
        status: [429],
        text: /per (?:day|month)|daily|monthly/,
        scope: "candidate",
      },
      { as: "rate_limited", code: /^(?:token|request)_quota_exceeded$/ },
      { as: "overloaded", code: /^queue_exceeded$/ },
    ],
  },
});

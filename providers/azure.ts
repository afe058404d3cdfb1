import { openAiLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Azure OpenAI's v1 API: `https://{resource}.openai.azure.com/openai/v1`. https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle */
export const azure = openAiCompatible({
  kind: "azure",
  baseUrl: null,
  apiKeyEnv: "AZURE_OPENAI_API_KEY",
  failures: {
    limits: openAiLimits,
    quotaScope: "candidate",
    rules: [
      // A quota of API Management, not of the model: https://learn.microsoft.com/azure/api-management/quota-policy
      { as: "quota_exhausted", text: /out of call volume quota|call quota/ },
      // A 429 of the pool, not of the deployment's own allowance:
      // https://learn.microsoft.com/azure/ai-foundry/openai/how-to/provisioned-get-started
      { as: "overloaded", code: /^nocapacity$/ },
    ],
  },
});

import { sambanovaLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.sambanova.ai/docs/en/api-reference/using-the-api/api-error-codes */
export const sambanova = openAiCompatible({
  kind: "sambanova",
  baseUrl: "https://api.sambanova.ai/v1",
  apiKeyEnv: "SAMBANOVA_API_KEY",
  failures: {
    limits: sambanovaLimits,
    rules: [],
  },
});

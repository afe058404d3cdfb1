import { sambanovaLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.sambanova.ai/docs/en/api-reference/using-the-api/api-error-codes */
export const sambanova = openAiCompatible({
  kind: "sambanova",
  baseUrl: "https://api.sambanova.ai/v1",
  apiKeyEnv: "SAMBANOVA_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    limits: sambanovaLimits,
    rules: [],
  },
});

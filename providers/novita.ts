import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://novita.ai/docs/guides/llm-api */
export const novita = openAiCompatible({
  kind: "novita",
  baseUrl: "https://api.novita.ai/openai/v1",
  apiKeyEnv: "NOVITA_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

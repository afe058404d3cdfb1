import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.ai21.com/reference/jamba-1-6-api-ref */
export const ai21 = openAiCompatible({
  kind: "ai21",
  baseUrl: "https://api.ai21.com/studio/v1",
  apiKeyEnv: "AI21_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://console.upstage.ai/api/chat */
export const upstage = openAiCompatible({
  kind: "upstage",
  baseUrl: "https://api.upstage.ai/v1",
  apiKeyEnv: "UPSTAGE_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

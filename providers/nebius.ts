import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.tokenfactory.nebius.com/ */
export const nebius = openAiCompatible({
  kind: "nebius",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  apiKeyEnv: "NEBIUS_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.tokenfactory.nebius.com/ */
export const nebius = openAiCompatible({
  kind: "nebius",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  apiKeyEnv: "NEBIUS_API_KEY",
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://replicate.com/docs */
export const replicate = openAiCompatible({
  kind: "replicate",
  baseUrl: "https://openai-proxy.replicate.com/v1",
  apiKeyEnv: "REPLICATE_API_TOKEN",
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://huggingface.co/docs/inference-providers */
export const huggingface = openAiCompatible({
  kind: "huggingface",
  baseUrl: "https://router.huggingface.co/v1",
  apiKeyEnv: "HF_TOKEN",
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Any server that speaks OpenAI's chat dialect; the key is optional. */
export const openaiCompatible = openAiCompatible({
  kind: "openai-compatible",
  baseUrl: null,
  apiKeyEnv: null,
  failures: {
    rules: [],
  },
});

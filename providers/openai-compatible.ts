import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Any server that speaks OpenAI's chat dialect; the key is optional. */
export const openaiCompatible = openAiCompatible({
  kind: "openai-compatible",
  baseUrl: null,
  apiKeyEnv: null,
  // Whoever it is: a word that means one thing everywhere counts, and nobody is asked unbidden.
  listing: { unasked: false },
  failures: {
    rules: [],
  },
});

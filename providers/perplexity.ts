import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.perplexity.ai/guides/chat-completions-guide */
export const perplexity = openAiCompatible({
  kind: "perplexity",
  baseUrl: "https://api.perplexity.ai",
  apiKeyEnv: "PERPLEXITY_API_KEY",
  failures: {
    rules: [],
  },
});

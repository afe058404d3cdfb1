import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.perplexity.ai/guides/chat-completions-guide */
export const perplexity = openAiCompatible({
  kind: "perplexity",
  baseUrl: "https://api.perplexity.ai",
  apiKeyEnv: "PERPLEXITY_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://api-docs.deepseek.com/ */
export const deepseek = openAiCompatible({
  kind: "deepseek",
  baseUrl: "https://api.deepseek.com/v1",
  apiKeyEnv: "DEEPSEEK_API_KEY",
  // Only its beta address takes a prefix: https://api-docs.deepseek.com/guides/chat_prefix_completion
  continuesPrefix: (baseUrl) => /\/beta\/?$/.test(baseUrl),
  requestQuirks: { prefix: { message: { prefix: true } } },
  failures: {
    rules: [
      // https://api-docs.deepseek.com/quick_start/error_codes; the moderation has but these words.
      { as: "content_filter", text: /content exists risk/ },
      { as: "auth", text: /^authentication fails/m },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://ai.google.dev/gemini-api/docs/openai */
export const gemini = openAiCompatible({
  kind: "gemini",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
  apiKeyEnv: "GEMINI_API_KEY",
  failures: {
    // Counted per project and model: https://ai.google.dev/gemini-api/docs/rate-limits
    quotaScope: "candidate",
    rules: [
      // The free tier is closed to some regions; FAILED_PRECONDITION under 400:
      // https://ai.google.dev/gemini-api/docs/troubleshooting
      { as: "auth", text: /location is not supported|not available in your (?:country|region)/ },
    ],
  },
});

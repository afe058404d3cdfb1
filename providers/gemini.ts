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
      // "Exhausted (e.g. check quota)" is what Google says when it names no quota: a short throttle.
      { as: "rate_limited", status: [429], text: /^resource (?:has been )?exhausted/m },
      // The free tier is closed to some regions; FAILED_PRECONDITION under 400.
      { as: "auth", text: /location is not supported|not available in your (?:country|region)/ },
    ],
  },
});

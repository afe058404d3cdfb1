import { saidOf, tokensIn, windowOf } from "./shared/listed-facts.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** The OpenAI-compatible list holds only ids, that of its own API the limits. https://ai.google.dev/api/models#Model */
const listing: ListingSpec = {
  url: (baseUrl) =>
    baseUrl.endsWith("/openai")
      ? `${baseUrl.slice(0, -"/openai".length)}/models?pageSize=1000`
      : null,
  headers: (apiKey): Readonly<Record<string, string>> =>
    apiKey === null ? {} : { "x-goog-api-key": apiKey },
  names: ({ name }) => [name, typeof name === "string" ? name.replace(/^models\//, "") : null],
  facts(entry) {
    const maxOutput = tokensIn(entry["outputTokenLimit"]);
    return {
      contextWindow: windowOf(tokensIn(entry["inputTokenLimit"]), maxOutput),
      maxOutput,
      reasoning: saidOf(entry["thinking"]),
    };
  },
};

/** https://ai.google.dev/gemini-api/docs/openai */
export const gemini = openAiCompatible({
  kind: "gemini",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
  apiKeyEnv: "GEMINI_API_KEY",
  listing,
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

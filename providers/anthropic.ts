import { anthropicLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Claude through its OpenAI-compatible endpoint; errors come in either shape. https://docs.claude.com/en/api/openai-sdk */
export const anthropic = openAiCompatible({
  kind: "anthropic",
  baseUrl: "https://api.anthropic.com/v1",
  apiKeyEnv: "ANTHROPIC_API_KEY",
  // https://docs.claude.com/en/api/openai-sdk: `response_format` is ignored, so a schema has to be asked for.
  facts: () => ({ jsonSchema: false }),
  failures: {
    limits: anthropicLimits,
    resetHeaders: ["anthropic-ratelimit-unified-reset"],
    rules: [
      // The windows of a subscription (5 hours, 7 days); plain 429 otherwise.
      {
        as: "quota_exhausted",
        status: [429],
        header: ["anthropic-ratelimit-unified-status", /rejected/],
      },
      { as: "overloaded", text: /^overloaded$/m },
      // https://docs.claude.com/en/api/errors: 403 in any of its wordings is about the account.
      {
        as: "auth",
        text: /credential[^\n]{0,40}only authorized for|oauth (?:token|authentication)/,
      },
    ],
  },
});

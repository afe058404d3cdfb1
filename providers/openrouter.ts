import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://openrouter.ai/docs/api-reference/overview */
export const openrouter = openAiCompatible({
  kind: "openrouter",
  baseUrl: "https://openrouter.ai/api/v1",
  apiKeyEnv: "OPENROUTER_API_KEY",
  failures: {
    rules: [
      // Credits are left, only this request is too dear: smaller ones still work.
      // https://openrouter.ai/docs/api-reference/errors (402)
      {
        as: "quota_exhausted",
        text: /can only afford [1-9]|tokens limit exceeded: \d|capacity required, [1-9]\d{0,12} available/,
        counts: false,
      },
      // A spending limit of the key, under 403.
      { as: "quota_exhausted", text: /key limit exceeded/, scope: "provider" },
      // Free models have a daily allowance of their own.
      { as: "quota_exhausted", text: /free-models-per-day/, scope: "candidate" },
      { as: "rate_limited", text: /free-models-per-min/ },
      { as: "unsupported", text: /no endpoints found that (?:can )?support/ },
      {
        as: "model_not_found",
        status: [400, 404],
        text: /no (?:endpoints|allowed providers)|not a valid model id/,
      },
    ],
  },
});

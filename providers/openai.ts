import { openAiLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { openAiModelFacts, openAiModelQuirks } from "./shared/openai-models.ts";

/** https://platform.openai.com/docs/api-reference/chat */
export const openai = openAiCompatible({
  kind: "openai",
  baseUrl: "https://api.openai.com/v1",
  apiKeyEnv: "OPENAI_API_KEY",
  requestQuirks: { byModel: openAiModelQuirks },
  facts: openAiModelFacts,
  failures: {
    limits: openAiLimits,
    rules: [
      // Slow down: as 503 the service sheds load, as 429 it is our own ramp that is too steep.
      // https://platform.openai.com/docs/guides/error-codes
      { as: "overloaded", status: [503], code: /^slow_down$/ },
      // Sounds like a fault of form; it is the moderation of prompts to reasoning models.
      { as: "content_filter", code: /^invalid_prompt$/ },
      // Longer than any message may be, whatever the model's window.
      {
        as: "request_too_large",
        code: /^(?:string|array)_above_max_length$/,
        text: /(?:messages|input|content|prompt|tools)\b/,
      },
    ],
  },
});

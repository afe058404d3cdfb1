import { fireworksLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.fireworks.ai/tools-sdks/openai-compatibility */
export const fireworks = openAiCompatible({
  kind: "fireworks",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  apiKeyEnv: "FIREWORKS_API_KEY",
  requestQuirks: { roles: systemOnly },
  // `context_length`, `supports_image_input` and `supports_tools`; no prices.
  listing: {},
  failures: {
    limits: fireworksLimits,
    rules: [],
  },
});

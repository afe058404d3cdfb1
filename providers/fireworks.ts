import { fireworksLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.fireworks.ai/tools-sdks/openai-compatibility */
export const fireworks = openAiCompatible({
  kind: "fireworks",
  baseUrl: "https://api.fireworks.ai/inference/v1",
  apiKeyEnv: "FIREWORKS_API_KEY",
  failures: {
    limits: fireworksLimits,
    rules: [],
  },
});

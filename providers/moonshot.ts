import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://platform.moonshot.ai/docs/api/chat#error-codes */
export const moonshot = openAiCompatible({
  kind: "moonshot",
  baseUrl: "https://api.moonshot.ai/v1",
  apiKeyEnv: "MOONSHOT_API_KEY",
  requestQuirks: { roles: systemOnly },
  // `context_length`, `supports_image_in` and `supports_reasoning`. https://platform.moonshot.ai/docs/api/list-models
  listing: {},
  failures: {
    rules: [
      // Under 403, as a permission: https://www.kimi.com/code/docs/en/kimi-code/error-reference.html
      { as: "quota_exhausted", text: /billing cycle|next cycle/ },
      { as: "model_not_found", code: /^resource_not_found_error$/ },
      { as: "auth", code: /^(?:incorrect_api_key_error|access_terminated_error)$/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://portkey.ai/docs/api-reference/inference-api/error-codes */
export const portkey = openAiCompatible({
  kind: "portkey",
  baseUrl: "https://api.portkey.ai/v1",
  apiKeyEnv: "PORTKEY_API_KEY",
  failures: {
    rules: [
      // 446 is a guardrail that said no; https://portkey.ai/docs/product/guardrails
      { as: "content_filter", status: [446] },
      { as: "quota_exhausted", status: [412], text: /limit|budget|exhaust|credit/ },
    ],
  },
});

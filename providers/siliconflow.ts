import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.siliconflow.cn/en/faqs/error-code */
export const siliconflow = openAiCompatible({
  kind: "siliconflow",
  baseUrl: "https://api.siliconflow.cn/v1",
  apiKeyEnv: "SILICONFLOW_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      { as: "model_not_found", code: /^(?:20012|30003)$/ },
      { as: "quota_exhausted", code: /^30001$/ },
      { as: "overloaded", code: /^(?:5050[158]|5060[34])$/ },
    ],
  },
});

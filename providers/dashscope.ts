import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** Alibaba Model Studio, international; China is https://dashscope.aliyuncs.com/compatible-mode/v1. https://help.aliyun.com/en/model-studio/error-code */
export const dashscope = openAiCompatible({
  kind: "dashscope",
  baseUrl: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
  apiKeyEnv: "DASHSCOPE_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // The windows of a plan and the free allowance.
      {
        as: "quota_exhausted",
        text: /(?:hour|week|month|free) allocated quota exceeded|free tier|free quota/,
      },
      // `insufficient_quota` is the OpenAI-shaped name of the tokens-per-minute throttle here.
      {
        as: "rate_limited",
        status: [429],
        code: /^(?:insufficient_quota|throttling\.\w+)$/,
        unless: /balance|arrear|overdue|good standing/,
      },
      { as: "model_not_found", code: /^(?:model\.accessdenied|accessdenied\.unpurchased)$/ },
      { as: "overloaded", code: /^(?:modelservingerror|modelunavailable)$/ },
    ],
  },
});

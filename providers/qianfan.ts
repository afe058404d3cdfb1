import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** Baidu Qianfan. https://cloud.baidu.com/doc/qianfan-api/s/Om9b4yj3w, and of v1 https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh */
export const qianfan = openAiCompatible({
  kind: "qianfan",
  baseUrl: "https://qianfan.baidubce.com/v2",
  apiKeyEnv: "QIANFAN_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      {
        as: "quota_exhausted",
        code: /^(?:17|19|coding_plan_\w+_quota_exceeded|account_overdue\w*)$/,
      },
      { as: "rate_limited", code: /^(?:18|33650[1-5])$/ },
      { as: "overloaded", code: /^(?:2|4|336100)$/ },
      { as: "auth", code: /^(?:6|13|14|15|100|110|111|336004|no_permission\w*)$/ },
      { as: "auth", status: [401, 403], text: /no permission/ },
      { as: "unsupported", code: /^3$/ },
      { as: "context_length", code: /^(?:336007|336103|336104)$/ },
      { as: "bad_request", code: /^33600[1-36]$/ },
      { as: "server_error", code: /^(?:1|336000)$/ },
    ],
  },
});

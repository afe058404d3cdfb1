import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://platform.stepfun.com/docs/zh/guide/exception */
export const stepfun = openAiCompatible({
  kind: "stepfun",
  baseUrl: "https://api.stepfun.com/v1",
  apiKeyEnv: "STEPFUN_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // 451 is the moderation of input or output, never a region.
      { as: "content_filter", status: [451] },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://platform.stepfun.com/docs/zh/guide/exception */
export const stepfun = openAiCompatible({
  kind: "stepfun",
  baseUrl: "https://api.stepfun.com/v1",
  apiKeyEnv: "STEPFUN_API_KEY",
  failures: {
    rules: [
      // 451 is the moderation of input or output, never a region.
      { as: "content_filter", status: [451] },
    ],
  },
});

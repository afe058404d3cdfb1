import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** GLM at bigmodel.cn; z.ai is the same behind another base URL. https://docs.z.ai/api-reference/api-code */
export const zhipu = openAiCompatible({
  kind: "zhipu",
  baseUrl: "https://open.bigmodel.cn/api/paas/v4",
  apiKeyEnv: "ZHIPU_API_KEY",
  // https://docs.bigmodel.cn/cn/guide/capabilities/struct-output: an object, but no schema.
  facts: () => ({ jsonSchema: false, jsonMode: true }),
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // Numbers of one range mean different things: none may be read as a range.
      { as: "auth", code: /^(?:100[0-4]|111[0-2]|1121|1220)$/ },
      { as: "quota_exhausted", code: /^(?:1113|1304|1308|1309|1310)$/ },
      { as: "model_not_found", code: /^(?:1211|1221|1222|1311)$/ },
      { as: "unsupported", code: /^1212$/ },
      { as: "context_length", code: /^1261$/ },
      { as: "content_filter", code: /^130[01]$/ },
      { as: "rate_limited", code: /^(?:1302|1303|1313)$/ },
      { as: "overloaded", code: /^(?:1305|1312|1120)$/ },
      { as: "server_error", code: /^(?:500|1200|1230|1234)$/ },
      { as: "bad_request", code: /^121[0345]$/, unless: /超长|too long|context|token/ },
    ],
  },
});

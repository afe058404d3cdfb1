import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** Volcengine Ark. https://www.volcengine.com/docs/82379/1299023 */
export const volcengine = openAiCompatible({
  kind: "volcengine",
  baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
  apiKeyEnv: "ARK_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // A cap that the owner set, or a free or plan allowance; stays until somebody acts.
      {
        as: "quota_exhausted",
        code: /^(?:setlimitexceeded|\w*quotaexceeded|operationdenied\.(?:service|payment)\w*|invalidsubscription)$/,
        scope: "candidate",
      },
      { as: "auth", code: /^(?:operationdenied\.(?!\w*illegal)\w*|invalidaccountstatus)$/ },
    ],
  },
});

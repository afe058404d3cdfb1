import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://opencode.ai/docs/zen/ */
export const opencodeZen = openAiCompatible({
  kind: "opencode-zen",
  baseUrl: "https://opencode.ai/zen/v1",
  apiKeyEnv: "OPENCODE_API_KEY",
  failures: {
    rules: [
      // Under 401 and 429; the key itself is fine. The names are those of the error classes in
      // packages/console/app/src/routes/zen/ of https://github.com/sst/opencode
      {
        as: "quota_exhausted",
        code: /^(?:creditserror|\w*usagelimiterror|monthlylimiterror|userlimiterror)$/,
      },
      { as: "model_not_found", code: /^modelerror$/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Databricks model serving: `https://{workspace}/serving-endpoints`. https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/limits */
export const databricks = openAiCompatible({
  kind: "databricks",
  baseUrl: null,
  apiKeyEnv: "DATABRICKS_TOKEN",
  failures: {
    rules: [
      // https://docs.databricks.com/aws/en/machine-learning/foundation-model-apis/limits: by the minute
      // or the hour, and never a matter of money.
      {
        as: "rate_limited",
        status: [429],
        code: /^(?:resource_exhausted|request_limit_exceeded)$/,
        unless: /per day|daily|monthly/,
      },
      { as: "overloaded", code: /^temporarily_unavailable$/ },
    ],
  },
});

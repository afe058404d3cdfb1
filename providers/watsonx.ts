import { openAiCompatible } from "./shared/openai-compatible.ts";

/** watsonx.ai's model gateway: `https://{region}.ml.cloud.ibm.com/ml/gateway/v1`. https://cloud.ibm.com/apidocs/watsonx-ai */
export const watsonx = openAiCompatible({
  kind: "watsonx",
  baseUrl: null,
  apiKeyEnv: "WATSONX_API_KEY",
  failures: {
    rules: [
      // Sounds like a quota; it is congestion of a shared pool and clears by itself:
      // https://cloud.ibm.com/apidocs/watsonx-ai#text-chat (429)
      { as: "overloaded", code: /^consumption_limit_reached$/ },
      { as: "unsupported", code: /^model_no_support\w*$/ },
    ],
  },
});

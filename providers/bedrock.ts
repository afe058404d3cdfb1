import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Bedrock's OpenAI endpoint: `https://bedrock-runtime.{region}.amazonaws.com/openai/v1`. https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html */
export const bedrock = openAiCompatible({
  kind: "bedrock",
  baseUrl: null,
  apiKeyEnv: "AWS_BEARER_TOKEN_BEDROCK",
  failures: {
    quotaScope: "candidate",
    rules: [
      // The whole text of a ValidationException for an account that is not cleared for Bedrock:
      // https://github.com/kirodotdev/Kiro/issues/11191
      { as: "auth", text: /^operation not allowed$/m },
      // 429 without being a throttle; 403 and 404 about one model.
      // https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html#API_runtime_InvokeModel_Errors
      { as: "overloaded", code: /^modelnotreadyexception$/ },
      {
        as: "model_not_found",
        text: /access to the model|model access is denied|model use case details|marked by provider as legacy/,
      },
      {
        as: "model_not_found",
        text: /model identifier|on-demand throughput|end of its life|resolve the foundation model/,
      },
      { as: "unsupported", text: /(?:action|operation) doesn't support the model/ },
      {
        as: "rate_limited",
        status: [429],
        text: /^too many (?:tokens|requests|connections), |model is getting throttled|request rate is too high/m,
      },
    ],
  },
});

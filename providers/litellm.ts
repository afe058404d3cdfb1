import { openAiCompatible } from "./shared/openai-compatible.ts";

/** A LiteLLM proxy. https://docs.litellm.ai/docs/proxy/user_keys */
export const litellm = openAiCompatible({
  kind: "litellm",
  baseUrl: null,
  apiKeyEnv: "LITELLM_API_KEY",
  failures: {
    rules: [
      // The error of the provider behind stands in the message; its class name is read as a code:
      // https://docs.litellm.ai/docs/exception_mapping; access: litellm/proxy/_types.py (ProxyErrorTypes).
      { as: "model_not_found", code: /^(?:key|team|user|org|project)_model_access_denied$/ },
      // Every deployment is cooling down; why is not told, but when is:
      // https://docs.litellm.ai/docs/routing#cooldowns
      { as: "rate_limited", text: /no deployments available/ },
    ],
  },
});

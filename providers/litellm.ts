import { partOf, tokensIn, windowOf, yesOf } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/**
 * What the proxy knows of each deployment; several may go by one name. Dollars per token, and a "no"
 * is what it puts where it knows nothing. https://docs.litellm.ai/docs/proxy/model_management
 */
const listing: ListingSpec = {
  url: (baseUrl) => `${baseUrl}/model/info`,
  names: (entry) => [entry["model_name"]],
  facts(entry) {
    const info = partOf(entry, "model_info");
    const maxOutput = tokensIn(info["max_output_tokens"]);
    return {
      contextWindow: windowOf(tokensIn(info["max_input_tokens"]), maxOutput),
      maxOutput,
      tools: yesOf(info["supports_function_calling"]),
      parallelTools: yesOf(info["supports_parallel_function_calling"]),
      images: yesOf(info["supports_vision"]),
      audio: yesOf(info["supports_audio_input"]),
      jsonSchema: yesOf(info["supports_response_schema"]),
      reasoning: yesOf(info["supports_reasoning"]),
      price: listedPrice(
        {
          input: info["input_cost_per_token"],
          output: info["output_cost_per_token"],
          cachedInput: info["cache_read_input_token_cost"],
          cacheWrite: info["cache_creation_input_token_cost"],
        },
        perToken,
      ),
    };
  },
};

/** A LiteLLM proxy. https://docs.litellm.ai/docs/proxy/user_keys */
export const litellm = openAiCompatible({
  kind: "litellm",
  baseUrl: null,
  apiKeyEnv: "LITELLM_API_KEY",
  listing,
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

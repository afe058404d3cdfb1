import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Relays of the one-api family (new-api, AiHubMix, …), many with Chinese texts. https://github.com/QuantumNous/new-api */
export const newApi = openAiCompatible({
  kind: "new-api",
  baseUrl: null,
  apiKeyEnv: "NEW_API_KEY",
  failures: {
    rules: [
      // The group has no account that serves this model: middleware/distributor.go
      { as: "model_not_found", text: /无可用渠道|no available channel/ },
    ],
  },
});

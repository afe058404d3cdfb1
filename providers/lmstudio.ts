import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://lmstudio.ai/docs/developer/openai-compat */
export const lmstudio = openAiCompatible({
  kind: "lmstudio",
  baseUrl: "http://localhost:1234/v1",
  apiKeyEnv: null,
  local: true,
  failures: {
    rules: [
      // 400 for a runner that died or was unloaded between requests:
      // https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1057, 1492
      { as: "context_length", text: /n_keep|n_ctx|context length|context (?:the )?overflow/ },
      { as: "overloaded", text: /insufficient (?:system )?resources|guardrails/ },
      {
        as: "server_error",
        text: /crashed|model (?:is|was|has been)? ?unloaded|exit code|channel error|failed to load model|error loading model/,
      },
      { as: "unsupported", text: /unexpected endpoint or method/ },
    ],
  },
});

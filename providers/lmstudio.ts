import { tokensIn, wordsIn } from "./shared/listed-facts.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://lmstudio.ai/docs/developer/openai-compat */
export const lmstudio = openAiCompatible({
  kind: "lmstudio",
  baseUrl: "http://localhost:1234/v1",
  apiKeyEnv: null,
  local: true,
  requestQuirks: { roles: systemOnly },
  // Its own API says more than the OpenAI-compatible list; a model that is not loaded may have all
  // that it can have. Tools work with any model. https://lmstudio.ai/docs/developer/rest/endpoints
  listing: {
    url: (baseUrl) => `${baseUrl.replace(/\/v1$/, "")}/api/v0/models`,
    facts: (entry) => ({
      contextWindow:
        tokensIn(entry["loaded_context_length"]) ?? tokensIn(entry["max_context_length"]),
      images: entry["type"] === "vlm" ? true : entry["type"] === "llm" ? false : null,
      tools: wordsIn(entry["capabilities"])?.includes("tool_use") === true ? true : null,
    }),
  },
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

import { commonFacts, partOf, tokensIn } from "./shared/listed-facts.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** llama.cpp's server. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
export const llamacpp = openAiCompatible({
  kind: "llamacpp",
  baseUrl: "http://localhost:8080/v1",
  apiKeyEnv: null,
  local: true,
  // https://github.com/ggml-org/llama.cpp/pull/13174
  continuesPrefix: () => true,
  requestQuirks: { roles: systemOnly },
  // No slot is given more than the model was trained for: tools/server/server-context.cpp (`n_ctx_slot`).
  listing: {
    facts(entry) {
      const meta = partOf(entry, "meta");
      const window = tokensIn(meta["n_ctx"]) ?? tokensIn(meta["n_ctx_train"]);
      return { ...commonFacts(entry), contextWindow: window };
    },
  },
  failures: {
    rules: [
      // 500 for what is the request's length, or the model's lack: tools/server/utils.hpp
      {
        as: "context_length",
        text: /physical batch size|available context size|n_keep|context shift/,
      },
    ],
  },
});

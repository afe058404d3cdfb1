import { openAiCompatible } from "./shared/openai-compatible.ts";

/** llama.cpp's server. https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md */
export const llamacpp = openAiCompatible({
  kind: "llamacpp",
  baseUrl: "http://localhost:8080/v1",
  apiKeyEnv: null,
  local: true,
  // https://github.com/ggml-org/llama.cpp/pull/13174
  continuesPrefix: () => true,
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

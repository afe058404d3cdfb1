import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://localai.io/ */
export const localai = openAiCompatible({
  kind: "localai",
  baseUrl: "http://localhost:8080/v1",
  apiKeyEnv: null,
  local: true,
  failures: {
    rules: [
      // Also the answer to an unknown name: nothing tells the two apart:
      // https://github.com/mudler/LocalAI/issues/2692
      { as: "server_error", text: /could not load model|rpc error/ },
    ],
  },
});

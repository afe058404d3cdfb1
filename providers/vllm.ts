import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html */
export const vllm = openAiCompatible({
  kind: "vllm",
  baseUrl: "http://localhost:8000/v1",
  apiKeyEnv: null,
  local: true,
  // "continue_final_message" of the chat request, which excludes a new generation prompt.
  continuesPrefix: () => true,
  requestQuirks: {
    roles: systemOnly,
    prefix: { body: { continue_final_message: true, add_generation_prompt: false } },
  },
  // `max_model_len`.
  listing: {},
  failures: {
    rules: [
      // The arithmetic of a prompt that already fills the window:
      // https://github.com/vllm-project/vllm/issues/4667
      { as: "context_length", text: /max_tokens must be at least 1, got -/ },
    ],
  },
});

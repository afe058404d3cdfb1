import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** Hugging Face text-generation-inference: router/src/lib.rs, router/src/validation.rs of https://github.com/huggingface/text-generation-inference */
export const tgi = openAiCompatible({
  kind: "tgi",
  baseUrl: "http://localhost:8080/v1",
  apiKeyEnv: null,
  local: true,
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // 429 is the full queue, 424 a failed shard, 422 whatever did not validate.
      { as: "overloaded", code: /^overloaded$/ },
      { as: "server_error", code: /^(?:generation|incomplete_generation)$/ },
      {
        as: "context_length",
        code: /^validation$/,
        text: /inputs?`? (?:tokens|must have less)|max_new_tokens`? must be <=/,
      },
      { as: "bad_request", code: /^validation$/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.sglang.ai/basic_usage/openai_api.html */
export const sglang = openAiCompatible({
  kind: "sglang",
  baseUrl: "http://localhost:30000/v1",
  apiKeyEnv: null,
  local: true,
  requestQuirks: { roles: systemOnly },
  // `max_model_len`.
  listing: {},
  failures: {
    rules: [
      // python/sglang/srt/managers/scheduler.py of https://github.com/sgl-project/sglang
      { as: "overloaded", text: /request queue is full|aborted by a higher priority/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://platform.minimax.io/docs/api-reference/errorcode */
export const minimax = openAiCompatible({
  kind: "minimax",
  baseUrl: "https://api.minimax.io/v1",
  apiKeyEnv: "MINIMAX_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [
      // `base_resp.status_code`, mostly under 200; on the OpenAI endpoint the number ends the text.
      {
        as: "context_length",
        text: /context window exceeds|exceeds? (?:the )?context|token (?:count|length) exceed/,
      },
      { as: "timeout", code: /^1001$/ },
      { as: "rate_limited", code: /^(?:1002|1039|1041|2045)$/ },
      { as: "auth", code: /^(?:1004|2049)$/ },
      { as: "quota_exhausted", code: /^(?:1008|2056)$/ },
      { as: "server_error", code: /^(?:1000|1013|1024|1033)$/ },
      { as: "content_filter", code: /^102[67]$/ },
      { as: "model_not_found", code: /^2061$/ },
      { as: "bad_request", code: /^(?:1042|2013|20132)$/ },
      { as: "timeout", text: /\(1001\)/ },
      { as: "rate_limited", text: /\((?:1002|1039|1041|2045)\)/ },
      { as: "auth", text: /\((?:1004|2049)\)/ },
      { as: "quota_exhausted", text: /\((?:1008|2056)\)/ },
      { as: "content_filter", text: /\(102[67]\)/ },
      { as: "model_not_found", text: /\(2061\)/ },
      { as: "server_error", text: /\((?:1000|1013|1024|1033)\)/ },
    ],
  },
});

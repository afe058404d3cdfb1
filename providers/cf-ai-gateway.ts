import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Cloudflare AI Gateway: `https://gateway.ai.cloudflare.com/v1/{account}/{gateway}/compat`. The key is that of the provider behind it, or the gateway's own with unified billing. https://developers.cloudflare.com/ai-gateway/ */
export const cfAiGateway = openAiCompatible({
  kind: "cf-ai-gateway",
  baseUrl: null,
  apiKeyEnv: "CF_AIG_TOKEN",
  failures: {
    rules: [
      // `error[].code`; a provider's own error passes through in its own shape.
      // https://github.com/cloudflare/cloudflare-docs/pull/31050 (2009), and of guardrails
      // https://developers.cloudflare.com/ai-gateway/guardrails/set-up-guardrail/ (2016, 2017)
      { as: "auth", code: /^(?:2001|2002|2008|2009)$/ },
      { as: "rate_limited", code: /^2003$/ },
      // Under 400: https://github.com/cloudflare/ai/issues/436
      { as: "server_error", code: /^2005$/ },
      { as: "content_filter", code: /^(?:2016|2017|2029|2030)$/ },
      { as: "quota_exhausted", code: /^(?:2021|2045)$/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://vercel.com/docs/ai-gateway/openai-compat */
export const vercelAiGateway = openAiCompatible({
  kind: "vercel-ai-gateway",
  baseUrl: "https://ai-gateway.vercel.sh/v1",
  apiKeyEnv: "AI_GATEWAY_API_KEY",
  failures: {
    rules: [
      // Sent as a rate limit; only money or a card helps: https://vercel.com/docs/ai-gateway/pricing
      { as: "quota_exhausted", text: /free credits[^\n]{0,60}restricted|valid credit card/ },
      { as: "quota_exhausted", code: /^(?:insufficient_funds|customer_verification_required)$/ },
    ],
  },
});

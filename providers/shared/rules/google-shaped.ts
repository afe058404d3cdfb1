import type { FailureRule } from "../failure-rule.ts";

/**
 * Google's error model: `details[].violations[].quotaId` names the allowance, `details[].reason`
 * the cause. With several violations the longest window decides. Sources:
 * https://cloud.google.com/apis/design/errors, https://ai.google.dev/gemini-api/docs/rate-limits
 */
export const googleShaped: readonly FailureRule[] = [
  { as: "quota_exhausted", code: /per_?(?:day|week|month)/, scope: "candidate" },
  { as: "rate_limited", code: /per_?(?:minute|second)/, notStatus: [401, 403] },
  // Google names the metric in the text where it gives no details.
  {
    as: "quota_exhausted",
    text: /quota exceeded for [^\n]{0,160}per_?(?:day|week|month)/,
    scope: "candidate",
  },
  { as: "rate_limited", text: /quota exceeded for [^\n]{0,160}per_?(?:minute|second)/ },
  {
    as: "auth",
    code: /^(?:api_key_invalid|api_key_expired|iam_permission_denied|service_disabled)$/,
  },
];

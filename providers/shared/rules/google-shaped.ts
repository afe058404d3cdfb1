import type { FailureRule } from "../failure-rule.ts";

const hour = 3_600_000;

/**
 * Google's error model: `details[].violations[].quotaId` names the allowance, `details[].reason`
 * the cause. With several violations the longest window decides. Beside a quota of a day stands the
 * `RetryInfo` of the minute's back-off, which says nothing of midnight. Sources:
 * https://cloud.google.com/apis/design/errors, https://ai.google.dev/gemini-api/docs/rate-limits
 */
export const googleShaped: readonly FailureRule[] = [
  {
    as: "quota_exhausted",
    code: /per[ _]?(?:day|week|month)/,
    scope: "candidate",
    shortestWaitMs: hour,
  },
  { as: "rate_limited", code: /per[ _]?(?:minute|second)/, notStatus: [401, 403] },
  // Google names the metric in the text where it gives no details.
  {
    as: "quota_exhausted",
    text: /quota exceeded for [^\n]{0,160}per[ _]?(?:day|week|month)/,
    scope: "candidate",
    shortestWaitMs: hour,
  },
  { as: "rate_limited", text: /quota exceeded for [^\n]{0,160}per[ _]?(?:minute|second)/ },
  // A quota id inside a text, as wrappers that print the whole error leave it.
  {
    as: "quota_exhausted",
    text: /\w{4,80}per(?:day|week|month)per\w/,
    scope: "candidate",
    shortestWaitMs: hour,
  },
  { as: "rate_limited", text: /\w{4,80}per(?:minute|second)(?:per\w|-)/, notStatus: [401, 403] },
  // "Exhausted (e.g. check quota)" is what Google says when it names no quota: a short throttle.
  {
    as: "rate_limited",
    status: [200, 429],
    text: /resource (?:has been )?exhausted(?: \(e\.g\.|\. please try again)/,
  },
  // ErrorInfo where no window is named; the text says "quota" and "exhausted" for both.
  { as: "rate_limited", code: /^rate_limit_exceeded$/, text: /exhausted your capacity/ },
  {
    as: "auth",
    code: /^(?:api_key_invalid|api_key_expired|iam_permission_denied|service_disabled)$/,
  },
];

import type { FailureRule } from "../failure-rule.ts";

const hour = 3_600_000;

/**
 * What a status means when the body has not told. Sources: RFC 9110 and RFC 6585; 52x and 530:
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/;
 * 529: https://docs.claude.com/en/api/errors; 499: nginx, Google's CANCELLED; 598/599: proxies.
 */
export const statusRules: readonly FailureRule[] = [
  // A throttle that lasts hours is an allowance that is used up.
  { as: "quota_exhausted", status: [429], waitAtLeastMs: hour, scope: "candidate" },
  { as: "rate_limited", status: [429, 420, 430] },
  { as: "quota_exhausted", status: [402], shortestWaitMs: hour },
  { as: "auth", status: [401, 403, 407, 511] },
  { as: "model_not_found", status: [404, 410] },
  { as: "timeout", status: [408, 504, 522, 524, 598, 599] },
  { as: "request_too_large", status: [413, 414, 431] },
  { as: "content_filter", status: [451] },
  { as: "unsupported", status: [405, 501] },
  { as: "overloaded", status: [503, 529, 425] },
  { as: "cancelled", status: [499, 460] },
  // A 4xx by which gateways say that what stands behind them failed.
  { as: "server_error", status: [409, 421, 423, 424, 444] },
  // Cloudflare cannot reach the host at all: no model of this account is there.
  { as: "server_error", status: [521, 523, 525, 526, 530], scope: "provider" },
];

/** The class of a status that stands in no table. */
export function classOfStatus(status: number): "bad_request" | "server_error" | "unknown" {
  if (status >= 500 && status < 600) return "server_error";
  return status >= 400 && status < 500 ? "bad_request" : "unknown";
}

import type { FailureRule } from "../failure-rule.ts";

/** Cloudflare's own numbers, as a JSON field, in a page's title or as its bare line of text. */
function cloudflare(codes: string): Pick<FailureRule, "text"> {
  return { text: new RegExp(`(?:^|\\n| )(?:error|error code:?) ?(?:${codes})\\b`) };
}

/**
 * What proxies say in place of the provider. Cloudflare's 1xxx come under 403, 409, 429, 500 and 530:
 * https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/
 */
export const proxyPages: readonly FailureRule[] = [
  { as: "auth", header: ["cf-mitigated", /challenge|block/] },
  { as: "rate_limited", ...cloudflare("1015|1200") },
  // A Worker that used up its free day, its CPU or its memory.
  { as: "quota_exhausted", ...cloudflare("1027") },
  { as: "server_error", ...cloudflare("1101|1102|1104|1105") },
  // The host is not there: DNS, a direct IP, a tunnel that is down.
  {
    as: "server_error",
    ...cloudflare("100[0-5]|1014|1016|1018|1019|1023|1033|1034|1035|1036|1037"),
    scope: "provider",
  },
  { as: "auth", ...cloudflare("100[6-9]|101[0-3]|1020|1106") },
  { as: "timeout", ...cloudflare("522|524"), status: [200, 400, 500, 502, 503, 522, 524] },
  {
    as: "auth",
    text: /just a moment\.\.\.|enable javascript and cookies|attention required! \| cloudflare/,
    status: [403, 429, 503],
  },
  // Envoy: https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage#response-flags
  {
    as: "overloaded",
    text: /no healthy upstream|reset reason: overflow|upstream_reset_before_response_started\{overflow/,
  },
  {
    as: "timeout",
    text: /upstream request timeout|reset reason: connection timeout|stream timeout/,
  },
  {
    as: "server_error",
    text: /upstream connect error|disconnect\/reset before headers|reset reason: (?:connection|remote|local)|upstream prematurely closed|bad gateway/,
    status: [200, 500, 502, 503],
  },
  // A tunnel of the operator's own machine that is not connected (ngrok, localtunnel).
  {
    as: "server_error",
    text: /err_ngrok_(?:3200|3004|8012|6022)|tunnel [^\n]{0,80}(?:not found|unavailable|offline)|endpoint [^\n]{0,80} is offline/,
    scope: "provider",
  },
];

import type { LimitDimension, LimitUnit, LimitWindow } from "../../src/contract/limits.ts";

const longestField = 500;
const mostPolicies = 8;

/**
 * The fields `RateLimit` and `RateLimit-Policy`, one dimension per policy:
 * `"burst";r=50;t=30, "day";r=900;t=3600` with `"burst";q=100;w=60, "day";q=1000;w=86400`, and the
 * older `limit=100, remaining=50, reset=5` with `100;w=60`. Pure; null when they say nothing.
 * Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
export function readIetf(
  field: string | null,
  policy: string | null,
  now: number,
): readonly LimitDimension[] | null {
  if (field === null || field.length > longestField) return null;
  const policies = itemsOf(policy ?? "");
  const services = /(?:^|,)\s{0,4}remaining\s{0,4}=/i.test(field) ? [field] : itemsOf(field);
  const dimensions = services
    .map((service) => asDimension(service, policyOf(service, policies), now))
    .filter((dimension) => dimension !== null);
  return dimensions.length === 0 ? null : dimensions;
}

function itemsOf(field: string): readonly string[] {
  return field.slice(0, longestField).split(",", mostPolicies);
}

/** The policy of the same name; the only one where names are not given. */
function policyOf(service: string, policies: readonly string[]): string {
  const name = nameOf(service);
  return policies.find((policy) => nameOf(policy) === name) ?? policies[0] ?? "";
}

function nameOf(item: string): string {
  return item.split(";", 1)[0]?.trim().replaceAll('"', "").toLowerCase() ?? "";
}

function asDimension(service: string, policy: string, now: number): LimitDimension | null {
  const remaining = parameter(service, "r|remaining");
  const unit = unitOf(policy);
  if (remaining === null || unit === null) return null;
  const seconds = parameter(service, "t|reset");
  return {
    unit,
    window: windowOf(parameter(policy, "w|window")),
    limit: parameter(policy, "q") ?? parameter(service, "limit"),
    remaining,
    resetAt: seconds === null ? null : now + seconds * 1_000,
  };
}

/** `qu` names what is counted; bytes and open connections are nothing that plans can use. */
function unitOf(policy: string): LimitUnit | null {
  const unit = /;\s{0,4}qu\s{0,4}=\s{0,4}"?([a-z-]{1,30})/i.exec(policy)?.[1]?.toLowerCase();
  if (unit === undefined || unit === "requests") return "requests";
  return unit === "tokens" ? "tokens" : null;
}

function parameter(item: string, names: string): number | null {
  const found = new RegExp(`(?:^|[;,\\s])(?:${names})\\s?=\\s?(\\d{1,12})`, "i").exec(item);
  return found === null ? null : Number(found[1]);
}

/** The window that lasts so many seconds. */
export function windowOf(seconds: number | null): LimitWindow {
  switch (seconds) {
    case 1:
      return "second";
    case 60:
      return "minute";
    case 3_600:
      return "hour";
    case 86_400:
      return "day";
    default:
      return seconds !== null && seconds >= 28 * 86_400 && seconds <= 31 * 86_400
        ? "month"
        : "unknown";
  }
}

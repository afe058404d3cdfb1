import type { RetryPolicy } from "../contract/route.ts";
import { defaultRetries } from "./defaults.ts";
import type { ParsedConfig, RouteOptions } from "./schema.ts";

/** How a route asks again: the defaults, then the config's, then its own. */
export function resolveRetries(
  defaults: ParsedConfig["defaults"],
  options: RouteOptions | null,
): RetryPolicy {
  const onLimit = options?.onLimit ?? defaultRetries.onLimit;
  return { ...defaultRetries, ...defaults?.retries, ...options?.retries, onLimit };
}

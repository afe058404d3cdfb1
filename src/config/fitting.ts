import type { Adaptation, Fitting, Seats } from "../contract/route.ts";
import { defaultFitting, defaultSeats } from "./defaults.ts";
import type { CandidateEntry, RouteOptions } from "./schema.ts";

const adaptations: readonly Adaptation[] = [
  "jsonSchema",
  "maxTokens",
  "sampling",
  "developerRole",
  "parallelToolCalls",
  "reasoningEffort",
  "toolCalls",
];

/** What a route lets be changed to make a request fit, and what it may cost. */
export function resolveFitting(options: RouteOptions | null): Fitting {
  if (options === null) return defaultFitting;
  const { adapt, allowDegrade = false, maxPricePerRequest = null } = options;
  const refused = adaptations.filter((name) => adapt === false || adapt?.[name] === false);
  return { refused: new Set(refused), allowDegrade, maxPricePerRequest };
}

/** How many requests a candidate takes at once; null when the config sets no bound. */
export function resolveSeats({
  maxConcurrent,
  maxQueue,
  queueMs,
}: Exclude<CandidateEntry, string>): Seats | null {
  if (maxConcurrent === undefined) return null;
  const { waiting, waitMs } = defaultSeats;
  return { most: maxConcurrent, waiting: maxQueue ?? waiting, waitMs: queueMs ?? waitMs };
}

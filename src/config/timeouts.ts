import type { Timeouts } from "../contract/route.ts";
import { defaultTimeouts, localTimeouts } from "./defaults.ts";
import type { TimeoutsEntry } from "./schema.ts";

/**
 * The clocks of a candidate or a route: the defaults of its sort, then what the config says, the
 * closest last. Where only `headersMs` is said it also counts for an answer in one piece.
 */
export function resolveTimeouts(
  local: boolean,
  said: readonly (TimeoutsEntry | undefined)[],
): Timeouts {
  return said.reduce<Timeouts>(
    (timeouts, entry) => ({ ...timeouts, ...wholeOf(entry), ...entry }),
    local ? localTimeouts : defaultTimeouts,
  );
}

function wholeOf(entry: TimeoutsEntry | undefined): { wholeMs?: number } {
  return entry?.headersMs === undefined ? {} : { wholeMs: entry.headersMs };
}

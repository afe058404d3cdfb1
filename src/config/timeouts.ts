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
  const parts = said.flatMap((entry) => (entry === undefined ? [] : [wholeOf(entry), entry]));
  return Object.assign({}, local ? localTimeouts : defaultTimeouts, ...parts);
}

function wholeOf({ headersMs }: TimeoutsEntry): { wholeMs?: number } {
  return headersMs === undefined ? {} : { wholeMs: headersMs };
}

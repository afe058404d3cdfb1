import type { AttemptRecord } from "../contract/decision.ts";

/** Failures that may be over by now, where the provider said nothing of a wait. */
const passing: ReadonlySet<string> = new Set([
  "server_error",
  "timeout",
  "overloaded",
  "unknown",
] satisfies AttemptRecord["outcome"][]);

/**
 * When an app that was not served may come back, ms UTC: at the first time that a provider stated
 * or a circuit reopens; null when nobody knows, or when a candidate could be tried at once.
 */
export function comeBackAt(
  { reopenings, attempts }: { reopenings: readonly number[]; attempts: readonly AttemptRecord[] },
  { arrivedAt, now }: { arrivedAt: number; now: number },
): number | null {
  const notOpen = attempts.filter(({ circuitAfter }) => circuitAfter !== "open");
  if (notOpen.some(isPassing)) return null;
  const stated = notOpen.flatMap(({ startedMs, durationMs, retryAfterMs }) =>
    retryAfterMs === null ? [] : [arrivedAt + startedMs + durationMs + retryAfterMs],
  );
  const times = [...reopenings, ...stated].filter((time) => time > now);
  return times.length === 0 ? null : Math.min(...times);
}

function isPassing({ outcome, retryAfterMs }: AttemptRecord): boolean {
  return retryAfterMs === null && passing.has(outcome);
}

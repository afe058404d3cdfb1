import type { LimitReading } from "../../src/contract/limits.ts";
import type { FailureProfile, FailureRule } from "./failure-rule.ts";
import type { HeaderReader } from "./limit-headers.ts";
import type { Said } from "./read-said.ts";
import { fieldWait, headerWait, resetWait, sensibleWait, textWait } from "./stated-wait.ts";

/**
 * The wait that a failed answer states outright, ms: in its headers, its fields or its text. `from`
 * is the server's own present.
 */
export function statedWait(said: Said, headers: HeaderReader, from: number): number | null {
  return (
    headerWait(headers, from) ??
    headerWait(said.headers, from) ??
    fieldWait(said.waits, from) ??
    textWait(said.text, from)
  );
}

/** A quota does not come back in less than this, unless the provider says so in so many words. */
const minute = 60_000;

/** A wait that is long enough for what the rule says is used up; else null. */
export function believed(
  waitMs: number | null,
  { shortestWaitMs = 0 }: FailureRule,
): number | null {
  return waitMs !== null && waitMs >= shortestWaitMs ? waitMs : null;
}

/**
 * A stated wait, if it is meant. A hard quota often carries the few seconds of a throttle: as a
 * default in the header, or (`rule.shortestWaitMs`) wherever the provider states waits.
 */
export function meantWait(
  waitMs: number | null,
  { rule, said, from }: { rule: FailureRule; said: Said; from: number },
): number | null {
  if (waitMs === null || rule.as !== "quota_exhausted") return waitMs;
  const inWords = (): boolean =>
    (fieldWait(said.waits, from) ?? textWait(said.text, from)) !== null;
  return waitMs >= minute || inWords() ? believed(waitMs, rule) : null;
}

/**
 * The wait that the announced allowances imply: the latest reset among those that are used up, or
 * of the only one that is announced without a count.
 */
export function limitWait(
  reading: LimitReading | null,
  {
    headers,
    from,
    profile,
  }: { headers: readonly HeaderReader[]; from: number; profile: FailureProfile },
): number | null {
  const waits = (reading?.dimensions ?? [])
    .filter(({ remaining, resetAt }) => remaining === 0 && resetAt !== null)
    .map(({ resetAt }) => sensibleWait((resetAt ?? 0) - from))
    .filter((wait) => wait !== null);
  if (waits.length > 0) return Math.max(...waits);
  for (const name of [...(profile.resetHeaders ?? []), "x-ratelimit-reset", "ratelimit-reset"]) {
    if (reading !== null && !profile.resetHeaders?.includes(name)) break;
    for (const reader of headers) {
      const wait = resetWait(reader.get(name), from);
      if (wait !== null) return wait;
    }
  }
  return null;
}

import type { FailureClass } from "../contract/failure.ts";
import type { Candidate } from "../contract/route.ts";
import { beginAttempt } from "./begin-attempt.ts";
import { pause } from "./pause.ts";
import type { Waited } from "./retries.ts";
import type { RunContext } from "./run-context.ts";

/** How often a candidate is looked at whose probe another request is making; spread, so that not all look at once. */
const lookAgainMs = { least: 100, most: 300 };

const throttled: ReadonlySet<string> = new Set<FailureClass>(["rate_limited", "overloaded"]);

export function isThrottle(reason: string | null): boolean {
  return reason !== null && throttled.has(reason);
}

/** A candidate that may be waited for, and what it said itself, to this request, of when to come back (ms UTC). */
export interface Awaited {
  readonly candidate: Candidate;
  readonly saidAt: number | null;
}

/**
 * Waits for the first of the throttled candidates to reopen, if that is before the deadline, and
 * begins an attempt at it. Nothing but a limit is waited for, and nothing at all without a known time.
 */
export async function awaitReopening(
  candidates: readonly Awaited[],
  n: number,
  context: RunContext,
): Promise<Waited> {
  const { clock, deadlineAt, circuits, random } = context;
  const awaited = candidates.filter(
    ({ candidate, saidAt }) =>
      saidAt !== null || isThrottle(circuits.look(candidate, clock.now()).reason),
  );
  for (;;) {
    const now = clock.now();
    const times = awaited.flatMap((one) => opensAt(one, now, context));
    for (const { candidate, at } of times) {
      if (at > now || now >= deadlineAt) continue;
      const started = beginAttempt({ candidate, skip: null, anyway: true }, n, context);
      if (started.granted) return started;
    }
    const soon = now + lookAgainMs.least + random() * (lookAgainMs.most - lookAgainMs.least);
    const earliest = Math.min(...times.map(({ at }) => (at > now ? at : soon)));
    if (earliest >= deadlineAt) return null;
    if (!(await pause(earliest - now, context))) return "gone";
  }
}

/** When a candidate may be asked, ms UTC; nothing when it is out of service for anything but a limit. */
function opensAt(
  { candidate, saidAt }: Awaited,
  now: number,
  { circuits }: RunContext,
): { candidate: Candidate; at: number }[] {
  const { state, until, reason } = circuits.look(candidate, now);
  if (state !== "closed" && !isThrottle(reason)) return [];
  const at = Math.max(saidAt ?? now, state === "open" && until !== null ? until : now);
  return [{ candidate, at }];
}

import type { RunContext } from "./run-context.ts";

/** Waits for the request's sake and no longer than it lives; false when the caller has left. */
export async function pause(
  ms: number,
  { wait, signal }: Pick<RunContext, "wait" | "signal">,
): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await wait(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

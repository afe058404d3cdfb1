import type { Wait } from "./edges.ts";

/**
 * Waits for work no longer than `ms`; rejects with `late` as its message when that is over first.
 * The timer does not outlive the call, and what the loser says then is nobody's news.
 */
export async function within<T>(
  work: Promise<T>,
  { ms, wait, late }: { ms: number; wait: Wait; late: string },
): Promise<T> {
  const given = new AbortController();
  const timeout = wait(ms, given.signal).then(() => {
    throw new Error(late);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timeout.catch(() => {});
    work.catch(() => {});
    given.abort();
  }
}

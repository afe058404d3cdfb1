import type { Wait } from "../contract/edges.ts";

/** Something under way that ends with a result and never rejects. */
export interface Runner<R> {
  readonly result: Promise<R>;
  /** Makes it end soon, if it has not yet. */
  abort(): void;
}

export interface Raced<R> {
  readonly first: R;
  /** Null when no second runner was started. */
  readonly second: R | null;
  readonly winner: "first" | "second" | null;
}

interface RaceOptions<R> {
  readonly afterMs: number;
  readonly wait: Wait;
  /** The second runner; null when there shall be none. */
  readonly start: () => Runner<R> | null;
  readonly wins: (result: R) => boolean;
}

/** Starts a second runner when the first has no result by `afterMs`; the first to win ends the other. */
export async function race<R>(first: Runner<R>, options: RaceOptions<R>): Promise<Raced<R>> {
  const { wins } = options;
  const second = (await endsBefore(first, options)) ? null : options.start();
  if (second === null) {
    const result = await first.result;
    return { first: result, second: null, winner: wins(result) ? "first" : null };
  }
  const winner = await Promise.any([
    first.result.then((result) => won(wins(result), "first" as const)),
    second.result.then((result) => won(wins(result), "second" as const)),
  ]).catch(() => null);
  if (winner === "first") second.abort();
  if (winner === "second") first.abort();
  return { first: await first.result, second: await second.result, winner };
}

async function endsBefore<R>(
  { result }: Runner<R>,
  { afterMs, wait }: RaceOptions<R>,
): Promise<boolean> {
  const timer = new AbortController();
  const ended = await Promise.race([
    result.then(() => true),
    wait(afterMs, timer.signal).then(
      () => false,
      () => true,
    ),
  ]);
  timer.abort();
  return ended;
}

function won<W>(wins: boolean, who: W): W {
  if (!wins) throw new Error("it did not win");
  return who;
}

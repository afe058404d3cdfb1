import type { Speed } from "../../contract/speed.ts";
import type { Candidate } from "../../contract/route.ts";

/** What an order may go by. Every number is known without I/O; null is unknown. */
export interface OrderView {
  /** Decides by chance, but the same for the same decision. */
  readonly seed: string;
  /** What requests that belong together have in common. */
  readonly requestKey: string;
  /** What this request is expected to cost, micro-dollars. */
  readonly costOf: (candidate: Candidate) => number | null;
  readonly speedOf: (candidate: Candidate) => Speed | null;
  /** How long the answer is expected to be, tokens. */
  readonly answerTokens: number;
}

/** Puts candidates into the order in which they are tried; none is lost. Pure. */
export type Ordering = (candidates: readonly Candidate[], view: OrderView) => readonly Candidate[];

/** By a number, smallest first; what has none stands behind, as it stood. */
export function ascending<T>(items: readonly T[], by: (item: T) => number | null): readonly T[] {
  return items
    .map((item) => ({ item, value: by(item) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value - b.value))
    .map(({ item }) => item);
}

/** A new observation moves what is known by this share. */
const weight = 0.3;
/** What was measured so long ago says little of now. */
const countsForMs = 10 * 60_000;
const mostCandidates = 1_000;

/** How fast a candidate has answered of late. */
export interface Speed {
  /** To the first output, ms. */
  readonly firstTokenMs: number;
  /** Tokens of the answer in a second; null when no answer was long enough to tell. */
  readonly tokensPerSecond: number | null;
  /** When it was measured last, ms UTC. */
  readonly at: number;
}

export interface Measured {
  /** Null for an answer in one piece, whose beginning nobody sees. */
  readonly firstTokenMs: number | null;
  readonly tokens: number | null;
  /** From the first output to the end, ms; of an answer in one piece, all of it. */
  readonly afterMs: number;
}

/** Running averages (EWMA) of each candidate's speed. Plain data; pure. */
export class Speeds {
  readonly #known = new Map<string, Speed>();

  /** Null when nothing was measured lately. */
  of(candidate: string, now: number): Speed | null {
    const known = this.#known.get(candidate);
    return known === undefined || now - known.at >= countsForMs ? null : known;
  }

  note(candidate: string, { firstTokenMs, tokens, afterMs }: Measured, now: number): void {
    const before = this.of(candidate, now);
    const rate =
      tokens !== null && tokens >= 16 && afterMs >= 20 ? (tokens * 1000) / afterMs : null;
    const known = before?.tokensPerSecond ?? null;
    if (before === null && this.#known.size >= mostCandidates) this.#known.clear();
    this.#known.set(candidate, {
      firstTokenMs:
        firstTokenMs === null
          ? (before?.firstTokenMs ?? 0)
          : moved(before?.firstTokenMs ?? null, firstTokenMs),
      tokensPerSecond: rate === null ? known : moved(known, rate),
      at: now,
    });
  }
}

function moved(before: number | null, now: number): number {
  return before === null ? now : before + (now - before) * weight;
}

import type { CandidateSpeed, Speed } from "../contract/speed.ts";

/** A new observation moves what is known by this share. */
const weight = 0.3;
/** What was measured so long ago says little of now. */
const countsForMs = 10 * 60_000;
const mostCandidates = 1_000;

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
  readonly #fresh = new Set<string>();

  /** Null when nothing was measured lately. */
  of(candidate: string, now: number): Speed | null {
    const known = this.#known.get(candidate);
    return known === undefined || now - known.at >= countsForMs ? null : known;
  }

  note(candidate: string, { firstTokenMs, tokens, afterMs }: Measured, now: number): void {
    const before = this.of(candidate, now);
    const pace = paceOf(tokens, afterMs);
    if (before === null && this.#known.size >= mostCandidates) this.#known.clear();
    this.#known.set(candidate, {
      firstTokenMs: moved(before?.firstTokenMs ?? null, firstTokenMs) ?? 0,
      tokensPerSecond: moved(before?.tokensPerSecond ?? null, pace),
      at: now,
    });
    this.#fresh.add(candidate);
  }

  /** The fleet knows of another isolate's measurement; the later one counts. */
  adopt(candidate: string, speed: Speed): void {
    const known = this.#known.get(candidate);
    if (known !== undefined && known.at >= speed.at) return;
    if (known === undefined && this.#known.size >= mostCandidates) this.#known.clear();
    this.#known.set(candidate, speed);
    this.#fresh.delete(candidate);
  }

  /** What the fleet has not heard yet. */
  news(): readonly CandidateSpeed[] {
    return [...this.#fresh].flatMap((candidate) => {
      const speed = this.#known.get(candidate);
      return speed === undefined ? [] : [{ candidate, speed }];
    });
  }

  delivered(told: readonly CandidateSpeed[]): void {
    for (const { candidate, speed } of told) {
      if (this.#known.get(candidate) === speed) this.#fresh.delete(candidate);
    }
  }
}

/** Tokens in a second; null where there is too little to tell. */
function paceOf(tokens: number | null, ms: number): number | null {
  return tokens !== null && tokens >= 16 && ms >= 20 ? (tokens * 1000) / ms : null;
}

/** What is known after an observation, if there was one. */
function moved(before: number | null, seen: number | null): number | null {
  if (before === null || seen === null) return seen ?? before;
  return before + (seen - before) * weight;
}

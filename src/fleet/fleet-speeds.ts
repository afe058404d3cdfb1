import type { CandidateSpeed, Speed } from "../contract/speed.ts";

/** Isolates sync every 2 s; what is older than this has been told to all that want to know. */
const newsForMs = 10_000;
/** What was measured so long ago says little of now. */
const countsForMs = 10 * 60_000;
const mostCandidates = 5_000;

/** How fast candidates are, by all isolates: the later word counts. In memory only; pure, given the clock. */
export class FleetSpeeds {
  readonly #known = new Map<string, Speed>();

  /** Takes in what an isolate has measured, and gives what is new since its last sync; all of it to a newcomer. */
  exchange(
    told: readonly CandidateSpeed[],
    { skewMs, newcomer }: { skewMs: number; newcomer: boolean },
    now: number,
  ): readonly CandidateSpeed[] {
    const own = new Set(told.map(({ candidate }) => candidate));
    for (const { candidate, speed } of told) this.#merge(candidate, shiftSpeed(speed, skewMs));
    const since = newcomer ? now - countsForMs : now - newsForMs;
    return [...this.#known]
      .filter(([candidate, { at }]) => at > since && !own.has(candidate))
      .map(([candidate, speed]) => ({ candidate, speed }));
  }

  #merge(candidate: string, speed: Speed): void {
    const known = this.#known.get(candidate);
    if (known !== undefined && known.at >= speed.at) return;
    this.#known.delete(candidate);
    this.#known.set(candidate, speed);
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostCandidates && oldest !== undefined) this.#known.delete(oldest);
  }
}

/** The same by another clock, which is `ms` ahead. */
export function shiftSpeed(speed: Speed, ms: number): Speed {
  return { ...speed, at: speed.at + ms };
}

import type { LimitReading } from "../contract/limits.ts";
import type { CandidateLimits } from "./messages.ts";

const mostReadings = 2_000;

/** The last word of each candidate's provider on its limits, from here and from the other isolates. */
export class LimitBoard {
  readonly #readings = new Map<string, LimitReading>();
  readonly #fresh = new Set<string>();

  get readings(): ReadonlyMap<string, LimitReading> {
    return this.#readings;
  }

  /** A provider has said something new on an answer of this isolate's. */
  note(candidate: string, reading: LimitReading): void {
    this.#put(candidate, reading);
    this.#fresh.add(candidate);
  }

  /** The fleet knows of a reading; the later one counts. */
  adopt(candidate: string, reading: LimitReading): void {
    const known = this.#readings.get(candidate);
    if (known !== undefined && known.at >= reading.at) return;
    this.#put(candidate, reading);
    this.#fresh.delete(candidate);
  }

  /** What the fleet has not heard yet. */
  news(): readonly CandidateLimits[] {
    return [...this.#fresh].flatMap((candidate) => {
      const reading = this.#readings.get(candidate);
      return reading === undefined ? [] : [{ candidate, reading }];
    });
  }

  delivered(told: readonly CandidateLimits[]): void {
    for (const { candidate, reading } of told) {
      if (this.#readings.get(candidate) === reading) this.#fresh.delete(candidate);
    }
  }

  /** Apps that ask for ever new model names must not fill the isolate's memory: the oldest go. */
  #put(candidate: string, reading: LimitReading): void {
    this.#readings.delete(candidate);
    this.#readings.set(candidate, reading);
    const [oldest] = this.#readings.keys();
    if (this.#readings.size <= mostReadings || oldest === undefined) return;
    this.#readings.delete(oldest);
    this.#fresh.delete(oldest);
  }
}

/** The same reading with its times moved to another clock, which is `ms` ahead. */
export function shiftReading(reading: LimitReading, ms: number): LimitReading {
  if (ms === 0) return reading;
  const dimensions = reading.dimensions.map((one) => ({
    ...one,
    resetAt: one.resetAt === null ? null : one.resetAt + ms,
  }));
  return { at: reading.at + ms, dimensions };
}

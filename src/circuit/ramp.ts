import { rampShares } from "./record.ts";

/** Successes that a step of the ramp takes. */
const successesAStep = 3;

/**
 * The ramp spares a recovered provider a rush. Where there is none there is nothing to spare: a
 * request this long after the last one is let in whatever the share, so that a quiet app returns at once.
 */
const quietMs = 500;

/** How far one isolate has come on a step of the ramp. */
export class Ramp {
  #successes = 0;
  #admittedAt = Number.NEGATIVE_INFINITY;
  /** How many isolates have traffic: what is quiet in each is a rush in all of them together. */
  readonly #isolates: () => number;

  constructor(isolates: () => number) {
    this.#isolates = isolates;
  }

  /** The share of a step, and from when on (ms UTC) a request is let in all the same. */
  view(step: number): { share: number; dueAt: number } {
    return { share: rampShares[step] ?? 1, dueAt: this.#admittedAt + quietMs * this.#isolates() };
  }

  admitted(now: number): void {
    this.#admittedAt = now;
  }

  /** Counts a success; true when the step is done. */
  succeeded(): boolean {
    this.#successes += 1;
    return this.#successes >= successesAStep;
  }

  reset(): void {
    this.#successes = 0;
  }
}

import type { Clock } from "../contract/edges.ts";
import type { AttemptClock } from "../contract/failure.ts";

/** Which clock ran out, and after how long. */
export interface RunOut {
  readonly clock: AttemptClock;
  readonly afterMs: number;
}

/**
 * The clocks of one attempt: one phase at a time, and the request's deadline over all of them.
 * One timer serves them; it is never touched per chunk, it looks at the clock when it fires.
 */
export class AttemptClocks {
  readonly #clock: Clock;
  readonly #deadlineAt: number;
  readonly #shortestMs: number;
  readonly #onRunOut: (runOut: RunOut) => void;
  readonly startedAt: number;
  #phase: Exclude<AttemptClock, "total"> = "headers";
  #phaseMs = 0;
  /** Since when the upstream keeps us waiting; null while the app does. */
  #waitingSince: number | null = null;
  /** How long it kept us waiting already, in reads that brought nothing which counts. */
  #waitedMs = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #firesAt = 0;
  #runOut: RunOut | null = null;

  /** `shortestMs`: of the phases to come; a timer that looks that often need not be set anew for each. */
  constructor(
    clock: Clock,
    { deadlineAt, shortestMs }: { deadlineAt: number; shortestMs: number },
    onRunOut: (runOut: RunOut) => void,
  ) {
    this.#clock = clock;
    this.#deadlineAt = deadlineAt;
    this.#shortestMs = shortestMs;
    this.#onRunOut = onRunOut;
    this.startedAt = clock.now();
  }

  get runOut(): RunOut | null {
    return this.#runOut;
  }

  /** Starts a phase in place of the one before it. */
  start(phase: Exclude<AttemptClock, "total">, ms: number): void {
    this.#phase = phase;
    this.#phaseMs = ms;
    this.#waitedMs = 0;
    this.#waitingSince = this.#clock.now();
    this.#arm();
  }

  waiting(): void {
    this.#waitingSince = this.#clock.now() - this.#waitedMs;
  }

  /** A read came back; `alive` tells whether with something that starts the phase anew. */
  arrived(alive: boolean): void {
    const since = this.#waitingSince;
    this.#waitedMs = alive || since === null ? 0 : this.#clock.now() - since;
    this.#waitingSince = null;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** A timer that fires early enough is left as it is: setting one costs more than looking at the clock. */
  #arm(): void {
    const now = this.#clock.now();
    const phaseEnds = (this.#waitingSince ?? now) + this.#phaseMs;
    const soonest = Math.min(phaseEnds, this.#deadlineAt, now + this.#shortestMs);
    const firesAt = Math.max(now, soonest);
    if (this.#timer !== null && this.#firesAt <= firesAt) return;
    this.stop();
    this.#firesAt = firesAt;
    this.#timer = setTimeout(() => this.#look(), firesAt - now);
  }

  #look(): void {
    this.#timer = null;
    const now = this.#clock.now();
    if (now >= this.#deadlineAt) {
      this.#end({ clock: "total", afterMs: now - this.startedAt });
    } else if (this.#waitingSince !== null && now - this.#waitingSince >= this.#phaseMs) {
      const afterMs = this.#phase === "idle" ? this.#phaseMs : now - this.startedAt;
      this.#end({ clock: this.#phase, afterMs });
    } else {
      this.#arm();
    }
  }

  #end(runOut: RunOut): void {
    this.#runOut = runOut;
    this.#onRunOut(runOut);
  }
}

import type { CircuitState } from "../contract/decision.ts";
import type { Random } from "../contract/edges.ts";
import type { Failure, FailureClass } from "../contract/failure.ts";
import type { BreakerOptions } from "../contract/route.ts";
import { openTimeMs, opensImmediately } from "./open-time.ts";
import { OutcomeWindow } from "./outcome-window.ts";

/** The right to make one attempt. It settles once; after the circuit has moved on it settles to nothing. */
export interface Permit {
  readonly generation: number;
  readonly probe: boolean;
}

export type Take =
  | { readonly granted: true; readonly permit: Permit }
  | { readonly granted: false; readonly until: number; readonly probing: boolean };

/** What a circuit shows to a plan and to an operator. */
export interface CircuitView {
  readonly state: CircuitState;
  /** When the state began, ms UTC. */
  readonly since: number;
  /** Open: when it may be probed. Half-open with a probe under way: when that probe counts as lost. */
  readonly until: number | null;
  readonly reason: FailureClass | null;
}

type Phase =
  | { readonly name: "closed"; readonly window: OutcomeWindow }
  | { readonly name: "open"; readonly until: number; readonly reason: FailureClass }
  | {
      readonly name: "half-open";
      readonly window: OutcomeWindow;
      readonly reason: FailureClass;
      /** A probe that has not settled by then is lost (its isolate or request died) and frees its place. */
      readonly probeUntil: number | null;
    };

/** A lost probe must not keep the circuit half-open for ever; no attempt lasts longer than this unsettled. */
const probeExpiryMs = 120_000;

/**
 * The breaker of one scope. Nothing happens by itself: time-driven changes are computed from the
 * `now` of whoever asks, because on Workers no timer outlives the request that set it.
 */
export class Circuit {
  readonly #random: Random;
  readonly #options: BreakerOptions;
  #phase: Phase;
  #since: number;
  #generation = 0;
  #consecutive = 0;
  /** Openings without a success between them; the open time doubles with each. */
  #openings = 0;

  constructor(options: BreakerOptions, random: Random, now: number) {
    this.#options = options;
    this.#random = random;
    this.#since = now;
    this.#phase = { name: "closed", window: new OutcomeWindow(options, "closed", now) };
  }

  view(now: number): CircuitView {
    const phase = this.#phase;
    switch (phase.name) {
      case "closed":
        return { state: "closed", since: this.#since, until: null, reason: null };
      case "open":
        return now < phase.until
          ? { state: "open", since: this.#since, until: phase.until, reason: phase.reason }
          : { state: "half-open", since: phase.until, until: null, reason: phase.reason };
      case "half-open": {
        const busy = phase.probeUntil !== null && now < phase.probeUntil;
        const until = busy ? phase.probeUntil : null;
        return { state: "half-open", since: this.#since, until, reason: phase.reason };
      }
    }
  }

  /** Asks for the right to make an attempt. In half-open one caller gets it, as the probe. */
  take(now: number): Take {
    if (this.#phase.name === "open" && now >= this.#phase.until) this.#halfOpen(now);
    const phase = this.#phase;
    switch (phase.name) {
      case "closed":
        return { granted: true, permit: { generation: this.#generation, probe: false } };
      case "open":
        return { granted: false, until: phase.until, probing: false };
      case "half-open": {
        if (phase.probeUntil !== null && now < phase.probeUntil) {
          return { granted: false, until: phase.probeUntil, probing: true };
        }
        // A new generation, so that a probe which was given up for lost cannot settle this one.
        this.#generation += 1;
        this.#phase = { ...phase, probeUntil: now + probeExpiryMs };
        return { granted: true, permit: { generation: this.#generation, probe: true } };
      }
    }
  }

  async succeed(permit: Permit, now: number): Promise<void> {
    const phase = this.#phase;
    if (permit.generation !== this.#generation || phase.name === "open") return;
    this.#consecutive = 0;
    await phase.window.count(true, now);
    // While opossum counted, another outcome may have moved the circuit on.
    if (this.#phase !== phase || phase.name === "closed") return;
    this.#openings = 0;
    this.#move({ name: "closed", window: new OutcomeWindow(this.#options, "closed", now) }, now);
  }

  async fail(
    permit: Permit,
    failure: Pick<Failure, "class" | "retryAfterMs">,
    now: number,
  ): Promise<void> {
    const phase = this.#phase;
    if (permit.generation !== this.#generation || phase.name === "open") return;
    this.#consecutive += 1;
    const opened = await phase.window.count(false, now);
    if (this.#phase !== phase) return;
    const atOnce = opensImmediately(failure.class);
    const inARow = this.#consecutive >= this.#options.consecutiveFailures;
    if (opened || atOnce || inARow || phase.name === "half-open") this.#open(failure, now);
  }

  /** Gives the permit back with no effect: the outcome says nothing about the provider's health. */
  release(permit: Permit): void {
    const phase = this.#phase;
    if (permit.generation !== this.#generation || phase.name !== "half-open") return;
    this.#phase = { ...phase, probeUntil: null };
  }

  #open(failure: Pick<Failure, "class" | "retryAfterMs">, now: number): void {
    const choice = { options: this.#options, random: this.#random };
    const until = now + openTimeMs(failure, this.#openings, choice);
    this.#openings += 1;
    this.#move({ name: "open", until, reason: failure.class }, now);
  }

  #halfOpen(now: number): void {
    if (this.#phase.name !== "open") return;
    const window = new OutcomeWindow(this.#options, "half-open", now);
    this.#move({ name: "half-open", window, reason: this.#phase.reason, probeUntil: null }, now);
  }

  #move(next: Phase, now: number): void {
    if (this.#phase.name !== "open") this.#phase.window.discard();
    this.#phase = next;
    this.#since = now;
    this.#generation += 1;
    this.#consecutive = 0;
  }
}

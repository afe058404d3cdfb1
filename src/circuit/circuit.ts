import type { CircuitRecord, OpenReason } from "../contract/circuit.ts";
import type { CircuitState } from "../contract/decision.ts";
import type { Random } from "../contract/edges.ts";
import type { Failure } from "../contract/failure.ts";
import type { BreakerOptions } from "../contract/route.ts";
import { openTimeMs, opensImmediately, sustainedHealthMs } from "./open-time.ts";
import { OutcomeWindow } from "./outcome-window.ts";
import { Ramp } from "./ramp.ts";
import { closedStep, compareRecords, pristine } from "./record.ts";

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
  /** Open: when it may be probed. Half-open with a probe under way, here or elsewhere: when that counts as lost. */
  readonly until: number | null;
  readonly reason: OpenReason | null;
  /** Half-open, back in use after a successful probe: which share of requests it gets. */
  readonly ramp: { readonly share: number; readonly dueAt: number } | null;
  /** Half-open, not yet probed: whether this isolate holds the fleet's lease to do it. */
  readonly leased: boolean;
}

/** Who may probe a scope, and how long that counts. */
export interface Lease {
  readonly mine: boolean;
  /** ms UTC. */
  readonly until: number;
}

type SaidOfFailure = Pick<Failure, "class" | "retryAfterMs"> & Partial<Failure>;

/** A lost probe must not keep the circuit half-open for ever: where nobody says how long an attempt may take, this. */
const usualProbeMs = 120_000;
const mostMessage = 300;
/** How long after its time a held probe still waits for its holder, whose request may have died. */
const holdGraceMs = 1_000;

/**
 * The breaker of one scope. Nothing happens by itself: time-driven changes are computed from the
 * `now` of whoever asks, because on Workers no timer outlives the request that set it. What the
 * fleet shares is the record; window, probe and ramp count are this isolate's own.
 */
export class Circuit {
  readonly #random: Random;
  #options: BreakerOptions;
  #probeMs = usualProbeMs;
  #record: CircuitRecord;
  /** opossum's, while the circuit is closed; made by the first outcome. */
  #window: OutcomeWindow | null = null;
  readonly #ramp: Ramp;
  /** What permits are checked against: it moves on whenever the circuit does. */
  #generation = 0;
  #consecutive = 0;
  #probeUntil: number | null = null;
  /** The probe is given away, and its holder still waits for its time. */
  #isHeld = false;
  #lease: Lease | null = null;

  /** `isolates`: how many of them share the traffic. */
  constructor(options: BreakerOptions, random: Random, now: number, isolates = () => 1) {
    this.#options = options;
    this.#random = random;
    this.#ramp = new Ramp(isolates);
    this.#record = pristine(now);
  }

  /** What the fleet shares of it. A new object with every change. */
  get record(): CircuitRecord {
    return this.#record;
  }

  get probing(): boolean {
    return this.#probeUntil !== null && !this.#isHeld;
  }

  /**
   * The options of whoever asks now, and how long its attempt may stay unsettled; a window that is
   * under way keeps those it began with.
   */
  tune(options: BreakerOptions, probeMs: number): void {
    this.#options = options;
    this.#probeMs = probeMs;
  }

  /** Ends opossum's window; the next outcome begins one by the options of then. */
  forgetWindow(): void {
    this.#window?.discard();
    this.#window = null;
  }

  view(now: number): CircuitView {
    const { opened, until, since, reason, step } = this.#record;
    if (!opened && step === closedStep) return { ...closedView, since };
    if (!opened) {
      const ramp = this.#ramp.view(step);
      return { state: "half-open", since, until: null, reason, ramp, leased: false };
    }
    if (now < until) return { state: "open", since, until, reason, ramp: null, leased: false };
    const lease = this.#leaseAt(now);
    const probed = this.#probeAt(now) ?? (lease?.mine === false ? lease.until : null);
    const leased = lease?.mine === true;
    return { state: "half-open", since: until, until: probed, reason, ramp: null, leased };
  }

  /**
   * Asks for the right to make an attempt. In half-open one caller gets it, as the probe: any
   * where `mayProbe`, else only with the fleet's lease.
   */
  take(now: number, mayProbe = true): Take {
    const { opened, until } = this.#record;
    if (!opened) {
      this.#ramp.admitted(now);
      return { granted: true, permit: { generation: this.#generation, probe: false } };
    }
    if (now < until) return { granted: false, until, probing: false };
    const { until: probed, leased } = this.view(now);
    if (probed !== null) return { granted: false, until: probed, probing: true };
    if (!leased && !mayProbe) return { granted: false, until: now, probing: true };
    // A new generation, so that a probe which was given up for lost cannot settle this one.
    this.#generation += 1;
    this.#probeUntil = now + this.#probeMs;
    this.#isHeld = false;
    return { granted: true, permit: { generation: this.#generation, probe: true } };
  }

  succeed(permit: Permit, now: number): void {
    if (permit.generation !== this.#generation) return;
    this.#consecutive = 0;
    const { opened, step } = this.#record;
    if (!opened && step < closedStep) {
      if (this.#ramp.succeeded()) this.#climb(step + 1, now);
      return;
    }
    const tripped = this.#count(true, now);
    if (!opened || tripped) return;
    const generation = this.#record.generation + 1;
    const back = { opened: false, operator: false, until: 0, step: 0, since: now };
    this.#move({ ...this.#record, ...back, generation });
  }

  /**
   * `holdMs`: whoever failed would wait that long and ask again. If this failure is the one that
   * opens the circuit, it opens for that long, and the probe behind it is given away at once: to
   * the one who waits, and to nobody else until it has settled or is overdue.
   */
  fail(
    permit: Permit,
    failure: SaidOfFailure,
    now: number,
    holdMs: number | null = null,
  ): Permit | null {
    if (permit.generation !== this.#generation) return null;
    this.#consecutive += 1;
    const { opened, step } = this.#record;
    const returning = opened || step < closedStep;
    const tripped = this.#count(false, now);
    const inARow = this.#consecutive >= this.#options.consecutiveFailures;
    const opens = tripped || returning || inARow || opensImmediately(failure.class);
    if (!opens && holdMs === null) return null;
    this.#open(failure, now, holdMs);
    if (holdMs === null) return null;
    this.#probeUntil = this.#record.until + holdGraceMs;
    this.#isHeld = true;
    return { generation: this.#generation, probe: true };
  }

  /**
   * Begins the probe that was held since the circuit opened; false when it is no longer this
   * permit's: the circuit has moved on, the fleet has its probe from another isolate, or another
   * isolate has met a later end than the one that was waited for.
   */
  begin(permit: Permit, now: number): boolean {
    if (permit.generation !== this.#generation || !this.#isHeld) return false;
    if (now < this.#record.until || this.#leaseAt(now)?.mine === false) {
      this.release(permit);
      return false;
    }
    this.#probeUntil = now + this.#probeMs;
    this.#isHeld = false;
    return true;
  }

  /** Gives the permit back with no effect: the outcome says nothing about the provider's health. */
  release(permit: Permit): void {
    if (permit.generation !== this.#generation || !permit.probe) return;
    // A new generation, so that a probe which was given back cannot settle all the same.
    this.#generation += 1;
    this.#probeUntil = null;
    this.#isHeld = false;
  }

  /** Takes over what the fleet knows, where that is later than what is known here; true when it was. */
  adopt(record: CircuitRecord): boolean {
    const before = this.#record;
    if (compareRecords(record, before) <= 0) return false;
    const sameState = record.generation === before.generation && record.opened === before.opened;
    // A step up the ramp, or a later end: what is under way here still counts, a probe above all.
    if (sameState) {
      if (record.step !== before.step) this.#ramp.reset();
      this.#record = record;
    } else {
      this.#move(record);
    }
    return true;
  }

  /** Told by the fleet who may probe; null when nobody may as yet. */
  grant(lease: Lease | null): void {
    this.#lease = lease;
  }

  /** Whether it is worth asking the fleet for its lease: the time has come, or will in `leadMs`. */
  wantsLease(now: number, leadMs: number): boolean {
    const { opened, until } = this.#record;
    if (!opened || now < until - leadMs) return false;
    // One that is held here wants it too, lest another isolate probes beside it.
    return this.#leaseAt(now) === null && (this.#isHeld || this.#probeAt(now) === null);
  }

  #leaseAt(now: number): Lease | null {
    return this.#lease !== null && now < this.#lease.until ? this.#lease : null;
  }

  #probeAt(now: number): number | null {
    return this.#probeUntil !== null && now < this.#probeUntil ? this.#probeUntil : null;
  }

  #open(failure: SaidOfFailure, now: number, holdMs: number | null): void {
    const before = this.#record;
    const healthy = !before.opened && before.step === closedStep;
    const sustained = healthy && now - before.since >= sustainedHealthMs;
    const openings = sustained ? 0 : before.openings;
    const choice = { options: this.#options, random: this.#random };
    const openMs = holdMs ?? openTimeMs(failure, openings, choice);
    const until = Math.max(before.until, now + openMs);
    const { status = null, code = null, message = null } = failure;
    const said = message?.slice(0, mostMessage) ?? null;
    this.#move({
      ...before,
      opened: true,
      until,
      step: 0,
      since: now,
      openings: openings + 1,
      reason: failure.class,
      lastFailure: { class: failure.class, status, code, message: said, at: now },
    });
  }

  #climb(step: number, now: number): void {
    this.#ramp.reset();
    const closed = step === closedStep;
    const since = closed ? now : this.#record.since;
    const reason = closed ? null : this.#record.reason;
    this.#record = { ...this.#record, step, since, reason };
  }

  #move(next: CircuitRecord): void {
    this.forgetWindow();
    this.#record = next;
    this.#generation += 1;
    this.#consecutive = 0;
    this.#probeUntil = null;
    this.#isHeld = false;
    this.#lease = null;
    this.#ramp.reset();
  }

  /** True when by opossum's rules the circuit is open after the outcome. */
  #count(succeeded: boolean, now: number): boolean {
    const state = this.#record.opened ? "half-open" : "closed";
    this.#window ??= new OutcomeWindow(this.#options, state, now);
    return this.#window.count(succeeded, now);
  }
}

export const closedView: CircuitView = {
  state: "closed",
  since: 0,
  until: null,
  reason: null,
  ramp: null,
  leased: false,
};

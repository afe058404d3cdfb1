import type { CircuitRecord, Transition } from "../contract/circuit.ts";
import type { CircuitState } from "../contract/decision.ts";
import type { Random } from "../contract/edges.ts";
import type { Failure } from "../contract/failure.ts";
import type { BreakerOptions, Candidate } from "../contract/route.ts";
import { Circuit, closedView, type CircuitView, type Lease, type Permit } from "./circuit.ts";
import { graver, longestAttemptMs, untilBoth } from "./hindrance.ts";
import { statedBy } from "./record.ts";
import { surplus, type Worth } from "./surplus.ts";

/** The right to make one attempt at a candidate: of its own circuit and of its provider's. */
export interface CandidatePermit {
  /** The decision that it serves; null outside of one. */
  readonly decision: string | null;
  readonly provider: Held;
  readonly candidate: Held;
}

interface Held {
  readonly entry: Entry;
  readonly permit: Permit;
}

interface Entry {
  readonly scope: string;
  readonly circuit: Circuit;
  /** The state that was last told of. */
  told: CircuitState;
  /** The record that the fleet has. */
  shared: CircuitRecord;
  /** When a request last asked for it, while it was not closed; ms UTC. */
  wantedAt: number;
  /** When it was last taken or heard of, ms UTC. */
  usedAt: number;
}

export type CandidateTake =
  | { readonly granted: true; readonly permit: CandidatePermit }
  | { readonly granted: false; readonly until: number; readonly probing: boolean };

/** The coming probe of a scope, held by the request that opened it and waits. */
export interface HeldProbe {
  readonly scope: "provider" | "candidate";
  readonly held: Held;
  /** Both scopes of the candidate; the other one is asked when the waiting is over. */
  readonly of: CandidatePermit;
}

export interface TakeOptions {
  readonly breaker: BreakerOptions;
  readonly decision?: string | null;
  /** Nothing else is left for the request: it may probe without the fleet's lease. */
  readonly anyway?: boolean;
}

export interface ListedCircuit extends CircuitView {
  readonly scope: string;
  readonly record: CircuitRecord;
}

/** What a switchboard tells and asks the world around it. Without a fleet every isolate is alone. */
export interface SwitchboardEdges {
  /** Whether probes of the scope need a lease: there is a fleet that grants them. */
  readonly leases: (scope: string) => boolean;
  readonly isolates: () => number;
  readonly onTransition: (transition: Transition) => void;
  /** There is something new to share. */
  readonly onNews: (scope: string) => void;
}

const alone: SwitchboardEdges = {
  leases: () => false,
  isolates: () => 1,
  onTransition: () => {},
  onNews: () => {},
};

/** Options until a request brings its route's: a circuit only heard of is never counted by them. */
const unused: BreakerOptions = {
  errorThresholdPercentage: 50,
  volumeThreshold: 10,
  rollingCountTimeout: 10_000,
  consecutiveFailures: 3,
  openMs: 10_000,
  maxOpenMs: 300_000,
};

const mostCircuits = 2_000;
/** A closed circuit that nobody has used for this long is as good as one that never opened. */
const historyMs = 3_600_000;
/** An isolate whose requests have not asked for a scope for this long leaves its probe to others. */
const wantedForMs = 10_000;

/** Every circuit that this isolate knows, by scope: a provider's name, or `provider/model`. */
export class Switchboard {
  readonly #random: Random;
  readonly #edges: SwitchboardEdges;
  readonly #entries = new Map<string, Entry>();
  /** Those that are not closed; usually none. */
  readonly #troubled = new Set<Entry>();
  /** Those with news that the fleet does not have. */
  readonly #unshared = new Set<Entry>();

  constructor(random: Random, edges: SwitchboardEdges = alone) {
    this.#random = random;
    this.#edges = edges;
  }

  /** What stands in the way of a candidate: the worse of its provider's circuit and its own. */
  look(candidate: Candidate, now: number): CircuitView {
    if (this.#troubled.size === 0) return closedView;
    const provider = this.#view(candidate.account.name, now);
    const own = this.#view(candidate.id, now);
    return graver(provider, own);
  }

  /** The same for a request: a probe of what it would have asked is worth a lease. */
  consider(candidate: Candidate, now: number): CircuitView {
    if (this.#troubled.size === 0) return closedView;
    for (const scope of [candidate.account.name, candidate.id]) {
      const entry = this.#entries.get(scope);
      if (entry !== undefined) entry.wantedAt = now;
    }
    return this.look(candidate, now);
  }

  state(candidate: Candidate, now: number): CircuitState {
    return this.look(candidate, now).state;
  }

  take(
    candidate: Candidate,
    { breaker, decision = null, anyway = false }: TakeOptions,
    now: number,
  ): CandidateTake {
    const provider = this.#entry(candidate.account.name, now);
    const own = this.#entry(candidate.id, now);
    const probeMs = longestAttemptMs(candidate.timeouts);
    provider.circuit.tune(breaker, probeMs);
    own.circuit.tune(breaker, probeMs);
    const first = provider.circuit.take(now, this.#mayProbe(provider, anyway));
    if (!first.granted) return untilBoth(first, own.circuit.view(now));
    const second = own.circuit.take(now, this.#mayProbe(own, anyway));
    if (!second.granted) {
      provider.circuit.release(first.permit);
      return second;
    }
    const permit: CandidatePermit = {
      decision,
      provider: { entry: provider, permit: first.permit },
      candidate: { entry: own, permit: second.permit },
    };
    if (this.#troubled.size > 0) this.#note(permit, now);
    return { granted: true, permit };
  }

  succeed(permit: CandidatePermit, now: number): void {
    const { provider, candidate } = permit;
    provider.entry.circuit.succeed(provider.permit, now);
    candidate.entry.circuit.succeed(candidate.permit, now);
    if (this.#troubled.size > 0) this.#note(permit, now);
  }

  /**
   * Settles a failed attempt. Only the scope that the failure speaks of is blamed; for the other
   * one it says nothing, as a neutral failure says nothing for both.
   */
  fail(
    permit: CandidatePermit,
    failure: Failure,
    now: number,
    holdMs: number | null = null,
  ): HeldProbe | null {
    const { provider, candidate } = permit;
    const blamed = failure.verdict === "failure" ? failure.scope : "none";
    if (blamed !== "provider") provider.entry.circuit.release(provider.permit);
    if (blamed !== "candidate") candidate.entry.circuit.release(candidate.permit);
    let probe: HeldProbe | null = null;
    if (blamed !== "none") {
      const { entry, permit: own } = permit[blamed];
      const coming = entry.circuit.fail(own, failure, now, holdMs);
      if (coming !== null) probe = { scope: blamed, held: { entry, permit: coming }, of: permit };
    }
    this.#note(permit, now);
    return probe;
  }

  /** Makes a held probe the permit of an attempt; refused when something has come in between. */
  begin({ scope, held, of }: HeldProbe, now: number): CandidateTake {
    const { circuit } = held.entry;
    const other = scope === "provider" ? of.candidate.entry : of.provider.entry;
    if (!circuit.begin(held.permit, now)) return { granted: false, until: now, probing: true };
    const second = other.circuit.take(now, true);
    if (!second.granted) {
      circuit.release(held.permit);
      return second;
    }
    const asked: Held = { entry: other, permit: second.permit };
    const permit =
      scope === "provider"
        ? { ...of, provider: held, candidate: asked }
        : { ...of, provider: asked, candidate: held };
    this.#note(permit, now);
    return { granted: true, permit };
  }

  /** Gives a held probe back: whoever comes first when the circuit reopens may have it. */
  release({ held }: HeldProbe): void {
    held.entry.circuit.release(held.permit);
  }

  /** Every circuit that ever opened or serves now, with its scope, for operators. */
  list(now: number): readonly ListedCircuit[] {
    return [...this.#entries.values()].map(({ scope, circuit }) => ({
      scope,
      record: circuit.record,
      ...circuit.view(now),
    }));
  }

  get hasNews(): boolean {
    return this.#unshared.size > 0;
  }

  /** What the fleet has not heard yet. */
  news(): readonly { readonly scope: string; readonly record: CircuitRecord }[] {
    return [...this.#unshared].map(({ scope, circuit }) => ({ scope, record: circuit.record }));
  }

  /** The fleet has taken in what `news` gave; what has changed since stays news. */
  delivered(told: ReturnType<Switchboard["news"]>): void {
    for (const { scope, record } of told) {
      const entry = this.#entries.get(scope);
      if (entry === undefined) continue;
      entry.shared = record;
      if (entry.circuit.record === record) this.#unshared.delete(entry);
    }
  }

  /** Takes over what the fleet knows of a scope, unless more is known here. */
  adopt(scope: string, record: CircuitRecord, now: number): void {
    const isNew = !this.#entries.has(scope);
    const entry = this.#entry(scope, now);
    if (isNew) entry.wantedAt = Number.NEGATIVE_INFINITY;
    if (!entry.circuit.adopt(record)) return;
    entry.shared = entry.circuit.record;
    entry.told = statedBy(record);
    this.#unshared.delete(entry);
    this.#sort(entry, now);
  }

  /** What is known of a scope; null when nothing is. */
  recordOf(scope: string): CircuitRecord | null {
    return this.#entries.get(scope)?.circuit.record ?? null;
  }

  grant(scope: string, lease: Lease | null): void {
    this.#entries.get(scope)?.circuit.grant(lease);
  }

  /** Scopes for which this isolate would like the fleet's lease, `leadMs` before they may be probed. */
  wishes(now: number, leadMs: number): readonly string[] {
    if (this.#troubled.size === 0) return [];
    const wanting = [...this.#troubled].filter(
      ({ circuit, wantedAt }) => now - wantedAt < wantedForMs && circuit.wantsLease(now, leadMs),
    );
    return wanting.map(({ scope }) => scope);
  }

  /** Scopes that a request of this isolate is probing. */
  probing(): readonly string[] {
    const busy = [...this.#troubled].filter(({ circuit }) => circuit.probing);
    return busy.map(({ scope }) => scope);
  }

  /** The config has changed: windows begin anew by its options. What is open stays so. */
  retune(): void {
    for (const { circuit } of this.#entries.values()) circuit.forgetWindow();
  }

  /** Closed ones go first, of them those without a history, since the fleet counts its generations. */
  #forgetSurplus(now: number): void {
    const dropped = surplus(this.#entries, mostCircuits, (entry) => this.#worth(entry, now));
    for (const scope of dropped) {
      const entry = this.#entries.get(scope);
      if (entry === undefined) continue;
      this.#entries.delete(scope);
      this.#troubled.delete(entry);
      this.#unshared.delete(entry);
    }
  }

  #worth(entry: Entry, now: number): Worth {
    const { usedAt, circuit } = entry;
    if (this.#unshared.has(entry)) return { rank: 3, usedAt };
    if (circuit.view(now).state !== "closed") return { rank: 2, usedAt };
    const idle = circuit.record.generation === 0 || now - usedAt >= historyMs;
    return { rank: idle ? 0 : 1, usedAt };
  }

  #view(scope: string, now: number): CircuitView {
    const entry = this.#entries.get(scope);
    if (entry === undefined) return closedView;
    const view = entry.circuit.view(now);
    // Alone, nobody grants leases: this isolate's own single probe is all there is.
    const unprobed = view.state === "half-open" && view.ramp === null && view.until === null;
    return unprobed && !this.#edges.leases(scope) ? { ...view, leased: true } : view;
  }

  #mayProbe({ scope }: Entry, anyway: boolean): boolean {
    return anyway || !this.#edges.leases(scope);
  }

  #entry(scope: string, now: number): Entry {
    const known = this.#entries.get(scope);
    if (known !== undefined) {
      known.usedAt = now;
      return known;
    }
    const circuit = new Circuit(unused, this.#random, now, this.#edges.isolates);
    const { record: shared } = circuit;
    const entry: Entry = { scope, circuit, told: "closed", shared, wantedAt: now, usedAt: now };
    this.#entries.set(scope, entry);
    this.#forgetSurplus(now);
    return entry;
  }

  #note({ provider, candidate, decision }: CandidatePermit, now: number): void {
    this.#noteEntry(provider.entry, decision, now);
    this.#noteEntry(candidate.entry, decision, now);
  }

  /** Tells of what has changed in a circuit. */
  #noteEntry(noted: Entry, decision: string | null, now: number): void {
    const entry = this.#kept(noted);
    const { scope, circuit, told } = entry;
    this.#sort(entry, now);
    const view = circuit.view(now);
    // By the clock alone nothing has happened yet: half-open begins with its probe.
    const to =
      view.state === "half-open" && told === "open" && !circuit.probing ? told : view.state;
    if (to !== told) {
      entry.told = to;
      const until = to === "open" ? view.until : null;
      const transition = { scope, from: told, to, reason: reasonFor(to, view), decision };
      this.#edges.onTransition({ ...transition, at: now, until });
    }
    if (to === told && circuit.record === entry.shared) return;
    this.#unshared.add(entry);
    this.#edges.onNews(scope);
  }

  /** One that was forgotten while its attempt was under way: what that found out counts all the same. */
  #kept(entry: Entry): Entry {
    const current = this.#entries.get(entry.scope) ?? entry;
    this.#entries.set(entry.scope, current);
    if (current !== entry) current.circuit.adopt(entry.circuit.record);
    return current;
  }

  #sort(entry: Entry, now: number): void {
    if (entry.circuit.view(now).state === "closed") this.#troubled.delete(entry);
    else this.#troubled.add(entry);
  }
}

function reasonFor(to: CircuitState, { reason }: CircuitView): Transition["reason"] {
  if (to === "closed") return "recovered";
  return to === "half-open" ? "probe" : (reason ?? "unknown");
}

import type { CircuitState } from "./decision.ts";
import type { FailureClass } from "./failure.ts";

/** Why a circuit is not closed. */
export type OpenReason = FailureClass | "operator";

/** The failure that opened a circuit, in the provider's own terms. */
interface LastFailure {
  readonly class: FailureClass;
  readonly status: number | null;
  readonly code: string | null;
  readonly message: string | null;
  /** ms UTC. */
  readonly at: number;
}

/**
 * What the fleet shares of one circuit: plain data, the same in every isolate. A generation begins
 * with a successful probe or an act of an operator; within it a circuit only ever goes up the ramp
 * and then open, and open only ever for longer. So of two records the later one is the truth,
 * in whichever order they are met.
 */
export interface CircuitRecord {
  readonly generation: number;
  /** The generation was begun by an operator, who overrules what isolates found out by themselves. */
  readonly operator: boolean;
  readonly opened: boolean;
  /** Opened: when it may be probed, ms UTC. Else 0. */
  readonly until: number;
  /** Not opened: an index into the ramp's shares, or their number when it is closed. */
  readonly step: number;
  /** When the state began, ms UTC. */
  readonly since: number;
  /** Openings without sustained health between them; the open time doubles with each. */
  readonly openings: number;
  readonly reason: OpenReason | null;
  readonly lastFailure: LastFailure | null;
}

/** What is said of one scope's circuit. */
export interface ScopeRecord {
  readonly scope: string;
  readonly record: CircuitRecord;
}

/** The fleet's permission to probe a scope. */
export interface GrantedLease {
  readonly scope: string;
  readonly holder: string;
  /** By the object's clock, ms UTC. */
  readonly until: number;
}

/** A circuit's change of state that happened in this isolate. */
export interface Transition {
  readonly scope: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: OpenReason | "probe" | "recovered";
  readonly decision: string | null;
  /** ms UTC. */
  readonly at: number;
  /** Opened: until when, ms UTC. */
  readonly until: number | null;
}

/** What an operator does to a scope. */
export type Operation =
  | { readonly scope: string; readonly to: "closed" }
  | { readonly scope: string; readonly to: "open"; readonly forMs: number };

/** One circuit as the whole fleet has it, for operators. */
interface FleetCircuit extends ScopeRecord {
  readonly lease: GrantedLease | null;
  /** How many of the isolates have taken it in. */
  readonly informed: number;
}

export interface FleetReport {
  readonly now: number;
  readonly circuits: readonly FleetCircuit[];
  readonly isolates: readonly {
    readonly isolate: string;
    readonly heardAt: number;
    readonly skewMs: number | null;
  }[];
}

import type { Spent } from "../contract/budget.ts";
import type { CircuitRecord, GrantedLease, ScopeRecord } from "../contract/circuit.ts";
import type { CandidateSpeed } from "../contract/speed.ts";
import type { LimitReading } from "../contract/limits.ts";

export interface CandidateLimits {
  readonly candidate: string;
  readonly reading: LimitReading;
}

/** Who an isolate is, and how its clock stands. */
export interface Speaker {
  readonly isolate: string;
  /** When it was sent, by the isolate's clock, ms UTC. */
  readonly sentAt: number;
  /** How far the object's clock is ahead of the isolate's, as measured before; null at first. */
  readonly skewMs: number | null;
}

/** What one isolate's answers have cost; its number keeps it from being counted twice. */
export interface SpendingBatch {
  readonly n: number;
  readonly spent: readonly Spent[];
  /** How long ago it was first told; null: never before. Absent where an isolate of an older version speaks. */
  readonly toldMsAgo?: number | null;
}

/** What an isolate tells of spending: all that may still be lost, however often it was told. */
export interface SpendingTold {
  /** What it has of the totals already. */
  readonly revision: number;
  readonly batches: readonly SpendingBatch[];
}

/** What all isolates have spent together: only what has changed since, unless it is the whole. */
export interface SpendingNews {
  readonly revision: number;
  readonly whole: boolean;
  readonly totals: readonly Spent[];
  /** The last of the isolate's batches that the totals hold. */
  readonly taken: number;
  /** The last of them that is written down, and need not be told again. */
  readonly written: number;
}

/** What an isolate tells: only what is new since the object last took it in. */
export interface Delta extends Speaker {
  /** Which life of the object the revision is of; null when none is known. */
  readonly incarnation: string | null;
  /** What the isolate has already. */
  readonly revision: number;
  readonly configVersion: number;
  readonly circuits: readonly ScopeRecord[];
  readonly limits: readonly CandidateLimits[];
  /** What it has measured since; absent where an isolate of an older version speaks. */
  readonly speeds?: readonly CandidateSpeed[];
  /** What it has spent; absent where an isolate of an older version speaks. */
  readonly spending?: SpendingTold;
  /** Scopes whose lease it would like. */
  readonly wishes: readonly string[];
  /** Scopes that it is probing. */
  readonly probing: readonly string[];
}

/** What the object answers: only what is new since the isolate's revision. Its times are by its own clock. */
export interface Snapshot {
  readonly now: number;
  readonly incarnation: string;
  readonly revision: number;
  readonly circuits: readonly ScopeRecord[];
  readonly limits: readonly CandidateLimits[];
  /** Absent where an object of an older version answers. */
  readonly speeds?: readonly CandidateSpeed[];
  /** Absent where an object of an older version answers, or an isolate of one has asked. */
  readonly spending?: SpendingNews;
  /** Every lease that counts. */
  readonly leases: readonly GrantedLease[];
  /** Keys that were revoked since. */
  readonly revoked: readonly string[];
  /** Revoked keys that were let in again since. Absent where an object of an older version answers. */
  readonly restored?: readonly string[];
  /** Isolates that were heard of lately. */
  readonly isolates: number;
}

/** The config's share of a sync. */
export interface ConfigNews {
  readonly configVersion: number;
  /** The config's text when it is newer than what the isolate has; else null. */
  readonly config: string | null;
}

export interface LeaseQuestion extends Speaker, ScopeRecord {}

export interface LeaseAnswer {
  readonly now: number;
  readonly record: CircuitRecord;
  /** Null: the scope is not to be probed now. */
  readonly lease: GrantedLease | null;
}

import type { CircuitRecord, FleetReport, Operation, ScopeRecord } from "../contract/circuit.ts";
import { closedStep, compareRecords, pristine, shiftRecord } from "../circuit/record.ts";
import { surplus, type Worth } from "../circuit/surplus.ts";
import type { LimitReading } from "../contract/limits.ts";
import { shiftReading } from "./limit-board.ts";
import { Leases, type StoredLease } from "./leases.ts";
import type {
  CandidateLimits,
  Delta,
  LeaseAnswer,
  LeaseQuestion,
  Snapshot,
  Speaker,
} from "./messages.ts";

/** An isolate that has not been heard of for this long counts no more: it has no traffic, or is gone. */
const heardForMs = 10_000;
const mostIsolates = 10_000;
/** A closed circuit's history, and a reading: by then no isolate is left that could still speak of it. */
const historyMs = 86_400_000;
/** A closed circuit that has rested so long goes first where there are too many. */
const idleMs = 3_600_000;
/** Of circuits and of readings; apps choose the names of models. */
const mostScopes = 2_000;
/** What has grown old is looked for this often. */
const sweepEveryMs = 60_000;

/** What the object's database holds. */
export interface StoredFleet {
  readonly circuits: readonly ScopeRecord[];
  readonly limits: readonly CandidateLimits[];
  readonly leases: readonly StoredLease[];
  /** App keys by name, and whether they are revoked: one that was let in again is still told of. */
  readonly keys: readonly (readonly [name: string, revoked: boolean])[];
}

/** What has to be written for nothing to be lost. */
export interface Changes {
  readonly circuits: readonly ScopeRecord[];
  readonly limits: readonly CandidateLimits[];
  readonly leases: readonly StoredLease[];
}

/** What the database need not hold any more. */
export interface Forgotten {
  readonly circuits: readonly string[];
  readonly limits: readonly string[];
  readonly leases: readonly string[];
}

interface Numbered<T> {
  readonly value: T;
  /** The revision that brought it. */
  readonly revision: number;
}

interface Heard {
  readonly at: number;
  readonly revision: number;
  readonly skewMs: number | null;
}

/**
 * What the fleet's object knows, without its storage: pure, given the clock. Merging takes the
 * later record of each scope, so neither the order nor the number of deliveries matters.
 */
export class FleetState {
  readonly #incarnation: string;
  readonly #circuits = new Map<string, Numbered<CircuitRecord>>();
  readonly #limits = new Map<string, Numbered<LimitReading>>();
  readonly #keys = new Map<string, Numbered<boolean>>();
  readonly #isolates = new Map<string, Heard>();
  readonly #leases: Leases;
  #revision = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #counted = { at: Number.NEGATIVE_INFINITY, isolates: 1 };

  /** `incarnation` names this life of the object: revisions count within it only. */
  constructor(incarnation: string, stored: StoredFleet) {
    this.#incarnation = incarnation;
    this.#leases = new Leases(stored.leases);
    for (const { scope, record } of stored.circuits) this.#put(this.#circuits, scope, record);
    for (const { candidate, reading } of stored.limits) this.#put(this.#limits, candidate, reading);
    for (const [name, revoked] of stored.keys) this.#put(this.#keys, name, revoked);
  }

  /** Takes in what an isolate tells, and tells it what is new to it. */
  sync(delta: Delta, now: number): { snapshot: Snapshot; changes: Changes } {
    this.#hear(delta, now);
    const skewMs = skewOf(delta, now);
    const recordOf = (scope: string): CircuitRecord => this.#recordOf(scope, now);
    const circuits = delta.circuits.filter((told) => this.#merge(told, skewMs));
    const limits = delta.limits.filter((told) => this.#mergeLimits(told, skewMs));
    const leases = [
      ...circuits.flatMap(({ scope }) => this.#leases.settle(scope, delta.isolate)),
      ...this.#leases.take(delta, recordOf, now),
    ];
    const known = delta.incarnation === this.#incarnation ? delta.revision : 0;
    const keys = Object.groupBy(newer(this.#keys, known), ([, revoked]) =>
      revoked ? "revoked" : "restored",
    );
    const snapshot: Snapshot = {
      now,
      incarnation: this.#incarnation,
      revision: this.#revision,
      circuits: newer(this.#circuits, known)
        .filter(([scope]) => !circuits.some((told) => told.scope === scope))
        .map(([scope, record]) => ({ scope, record })),
      limits: newer(this.#limits, known)
        .filter(([candidate]) => !limits.some((told) => told.candidate === candidate))
        .map(([candidate, reading]) => ({ candidate, reading })),
      leases: this.#leases.list(recordOf, now),
      revoked: (keys.revoked ?? []).map(([name]) => name),
      restored: (keys.restored ?? []).map(([name]) => name),
      isolates: this.#countIsolates(now),
    };
    return {
      snapshot,
      changes: {
        circuits: circuits.map(({ scope }) => ({ scope, record: this.#recordOf(scope, now) })),
        limits: limits.flatMap(({ candidate }) => {
          const reading = this.#limits.get(candidate)?.value;
          return reading === undefined ? [] : [{ candidate, reading }];
        }),
        leases,
      },
    };
  }

  /** Grants the one lease of a scope, or says who has it. */
  lease(question: LeaseQuestion, now: number): { answer: LeaseAnswer; changes: Changes } {
    const { scope, isolate } = question;
    const merged = this.#merge(question, skewOf(question, now));
    const record = this.#recordOf(scope, now);
    const asked = { isolate, wishes: [scope], probing: [] };
    const leases = this.#leases.take(asked, () => record, now);
    const lease = this.#leases.of(scope, record, now);
    const circuits = merged ? [{ scope, record }] : [];
    return { answer: { now, record, lease }, changes: { circuits, limits: [], leases } };
  }

  /** An operator's word: a new generation, which nothing that isolates found out before can overrule. */
  operate(operation: Operation, now: number): { before: CircuitRecord; told: ScopeRecord } {
    const { scope } = operation;
    const before = this.#recordOf(scope, now);
    const opened = operation.to === "open";
    const record: CircuitRecord = {
      generation: before.generation + 1,
      operator: true,
      opened,
      until: operation.to === "open" ? now + operation.forMs : 0,
      step: opened ? 0 : closedStep,
      since: now,
      openings: 0,
      reason: opened ? "operator" : null,
      lastFailure: before.lastFailure,
    };
    this.#put(this.#circuits, scope, record);
    return { before, told: { scope, record } };
  }

  revoke(name: string, revoked: boolean): void {
    this.#put(this.#keys, name, revoked);
  }

  /** Drops what has grown old, and the least that is too much; null where there is nothing of that. */
  forget(now: number): Forgotten | null {
    const isFull = this.#circuits.size > mostScopes || this.#limits.size > mostScopes;
    if (!isFull && now - this.#sweptAt < sweepEveryMs) return null;
    this.#sweptAt = now;
    const circuits = drop(this.#circuits, (record) => worthOf(record, now));
    const limits = drop(this.#limits, ({ at }) => ({
      rank: now - at < historyMs ? 1 : -1,
      usedAt: at,
    }));
    const leases = this.#leases.forget((scope) => this.#circuits.has(scope), now);
    return { circuits, limits, leases };
  }

  report(now: number): FleetReport {
    const lately = [...this.#isolates].filter(([, { at }]) => now - at < heardForMs);
    return {
      now,
      circuits: [...this.#circuits].map(([scope, { value: record, revision }]) => ({
        scope,
        record,
        lease: this.#leases.of(scope, record, now),
        informed: lately.filter(([, heard]) => heard.revision >= revision).length,
      })),
      isolates: lately.map(([isolate, { at, skewMs }]) => ({ isolate, heardAt: at, skewMs })),
    };
  }

  #recordOf(scope: string, now: number): CircuitRecord {
    return this.#circuits.get(scope)?.value ?? pristine(now);
  }

  #merge({ scope, record }: ScopeRecord, skewMs: number): boolean {
    const told = shiftRecord(record, skewMs);
    const known = this.#circuits.get(scope);
    if (known !== undefined && compareRecords(told, known.value) <= 0) return false;
    this.#put(this.#circuits, scope, told);
    return true;
  }

  #mergeLimits({ candidate, reading }: CandidateLimits, skewMs: number): boolean {
    const known = this.#limits.get(candidate);
    const told = shiftReading(reading, skewMs);
    if (known !== undefined && told.at <= known.value.at) return false;
    this.#put(this.#limits, candidate, told);
    return true;
  }

  #put<T>(map: Map<string, Numbered<T>>, key: string, value: T): void {
    this.#revision += 1;
    map.set(key, { value, revision: this.#revision });
  }

  #hear({ isolate, incarnation, revision, skewMs }: Delta, now: number): void {
    const known = incarnation === this.#incarnation ? revision : 0;
    this.#isolates.delete(isolate);
    this.#isolates.set(isolate, { at: now, revision: known, skewMs });
    const [oldest] = this.#isolates.keys();
    if (this.#isolates.size > mostIsolates && oldest !== undefined) this.#isolates.delete(oldest);
  }

  /** Counted once a second at most: it is asked with every sync. */
  #countIsolates(now: number): number {
    if (now - this.#counted.at >= 1_000) {
      for (const [isolate, { at }] of this.#isolates) {
        if (now - at >= heardForMs) this.#isolates.delete(isolate);
      }
      this.#counted = { at: now, isolates: Math.max(1, this.#isolates.size) };
    }
    return this.#counted.isolates;
  }
}

/** Closed circuits go before those that are not; a rank below 0 is kept by nobody. */
function worthOf({ opened, step, since, until }: CircuitRecord, now: number): Worth {
  const restedMs = now - since;
  if (opened || step < closedStep) return { rank: 2, usedAt: Math.max(since, until) };
  if (restedMs >= historyMs) return { rank: -1, usedAt: since };
  return { rank: restedMs >= idleMs ? 0 : 1, usedAt: since };
}

function drop<T>(map: Map<string, Numbered<T>>, worth: (value: T) => Worth): readonly string[] {
  const old = [...map].filter(([, { value }]) => worth(value).rank < 0).map(([name]) => name);
  for (const name of old) map.delete(name);
  const beyond = surplus(map, mostScopes, ({ value }) => worth(value));
  for (const name of beyond) map.delete(name);
  return [...old, ...beyond];
}

/** The object's clock counts. Until the skew was measured, the message's age is taken for it. */
function skewOf({ skewMs, sentAt }: Speaker, now: number): number {
  return skewMs ?? now - sentAt;
}

/** What a revision does not have yet. */
function newer<T>(map: ReadonlyMap<string, Numbered<T>>, revision: number): [string, T][] {
  const news = [...map].filter(([, one]) => one.revision > revision);
  return news.map(([key, { value }]) => [key, value]);
}

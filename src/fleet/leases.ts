import type { CircuitRecord, GrantedLease } from "../contract/circuit.ts";
import type { Delta } from "./messages.ts";

/** How long before a circuit may be probed its lease is given out, so that the prober is known in time. */
export const leaseLeadMs = 3_000;
/** A lease whose holder has not begun by then goes to another: its traffic may have ended. */
const claimMs = 3_000;
/** A probe that its isolate has not spoken of for this long is no longer waited for: it may have died. */
const leaseMs = 10_000;

/** A lease as it is kept. */
export interface StoredLease extends GrantedLease {
  /** Which of the circuit's generations it is for. */
  readonly generation: number;
  readonly begun: boolean;
}

/** The fleet's permissions to probe: one per scope at a time. Pure, given the clock. */
export class Leases {
  readonly #leases: Map<string, StoredLease>;

  constructor(stored: readonly StoredLease[]) {
    this.#leases = new Map(stored.map((lease) => [lease.scope, lease]));
  }

  /** Serves an isolate's wishes and notes what it has begun; gives back what has changed. */
  take(
    { isolate, wishes, probing }: Pick<Delta, "isolate" | "wishes" | "probing">,
    recordOf: (scope: string) => CircuitRecord,
    now: number,
  ): readonly StoredLease[] {
    const changed = [
      ...wishes.flatMap((scope) => this.#wish(scope, isolate, recordOf(scope), now)),
      ...probing.flatMap((scope) => this.#begin(scope, isolate, recordOf(scope), now)),
    ];
    for (const lease of changed) this.#leases.set(lease.scope, lease);
    return changed;
  }

  /** The lease that counts for a scope, given its circuit's record. */
  of(scope: string, record: CircuitRecord, now: number): GrantedLease | null {
    const lease = this.#of(scope, record);
    if (lease === null || now >= lease.until) return null;
    const { holder, until } = lease;
    return { scope, holder, until };
  }

  list(recordOf: (scope: string) => CircuitRecord, now: number): readonly GrantedLease[] {
    const scopes = [...this.#leases.keys()];
    return scopes.flatMap((scope) => this.of(scope, recordOf(scope), now) ?? []);
  }

  /** Drops those that have run out, and those of scopes that nothing is known of; gives their scopes. */
  forget(isKnown: (scope: string) => boolean, now: number): readonly string[] {
    const gone = [...this.#leases.values()].filter(
      ({ scope, until }) => now >= until || !isKnown(scope),
    );
    for (const { scope } of gone) this.#leases.delete(scope);
    return gone.map(({ scope }) => scope);
  }

  /** An isolate has told what came of a scope: where it was its probe, the lease has done its work. */
  settle(scope: string, isolate: string): readonly StoredLease[] {
    const lease = this.#leases.get(scope);
    if (lease === undefined || lease.holder !== isolate || !lease.begun) return [];
    const settled = { ...lease, until: 0 };
    this.#leases.set(scope, settled);
    return [settled];
  }

  /**
   * The lease that an opening has been given, whether or not it has run out. That another isolate
   * puts the end off by a little does not void it: its holder would not hear of that in time.
   */
  #of(scope: string, { opened, until, generation }: CircuitRecord): StoredLease | null {
    const lease = this.#leases.get(scope);
    if (lease === undefined || !opened) return null;
    return lease.generation === generation && until < lease.until ? lease : null;
  }

  #wish(scope: string, holder: string, record: CircuitRecord, now: number): StoredLease[] {
    const { opened, until: openUntil, generation } = record;
    if (!opened || now < openUntil - leaseLeadMs) return [];
    if (this.of(scope, record, now) !== null) return [];
    const until = Math.max(now, openUntil) + claimMs;
    return [{ scope, holder, until, generation, begun: false }];
  }

  #begin(scope: string, holder: string, record: CircuitRecord, now: number): StoredLease[] {
    const { opened, until: openUntil, generation } = record;
    if (!opened || now < openUntil) return [];
    const held = this.#of(scope, record);
    const theirs = held !== null && now < held.until && held.holder !== holder;
    if (theirs) return [];
    // Told again, it is renewed: an answer may well take longer than a lease.
    return [{ scope, holder, until: now + leaseMs, generation, begun: true }];
  }
}

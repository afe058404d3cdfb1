import type { CircuitRecord } from "../contract/circuit.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { StoredSpending } from "./fleet-spending.ts";
import type { Changes, Forgotten, StoredFleet } from "./fleet-state.ts";
import type { StoredLease } from "./leases.ts";
import type { CandidateLimits } from "./messages.ts";

/** The object's database: one row per thing known, its content as JSON. */
export class FleetStorage {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    for (const table of ["circuits", "limits", "leases", "revoked", "spending"]) {
      sql.exec(`create table if not exists ${table} (name text primary key, value text not null)`);
    }
  }

  load(): StoredFleet {
    return {
      circuits: this.#rows<CircuitRecord>("circuits").map(([scope, record]) => ({ scope, record })),
      limits: this.#rows<LimitReading>("limits").map(([candidate, reading]) => ({
        candidate,
        reading,
      })),
      leases: this.#rows<StoredLease>("leases").map(([, lease]) => lease),
      keys: this.#rows<boolean>("revoked"),
    };
  }

  /** Writes what has changed; the runtime holds the answer back until it is durable. */
  write({ circuits, leases }: Pick<Changes, "circuits" | "leases">): void {
    for (const { scope, record } of circuits) this.#put("circuits", scope, record);
    for (const lease of leases) this.#put("leases", lease.scope, lease);
  }

  forget({ circuits, limits, leases }: Forgotten): void {
    for (const scope of circuits) this.#delete("circuits", scope);
    for (const candidate of limits) this.#delete("limits", candidate);
    for (const scope of leases) this.#delete("leases", scope);
  }

  writeLimits(limits: readonly CandidateLimits[]): void {
    for (const { candidate, reading } of limits) this.#put("limits", candidate, reading);
  }

  /** Null where nothing was ever spent. */
  loadSpending(): StoredSpending | null {
    return this.#rows<StoredSpending>("spending")[0]?.[1] ?? null;
  }

  /** All of it in one row: totals and what they are made of must not part, and rows are what is charged for. */
  writeSpending(spending: StoredSpending): void {
    this.#put("spending", "all", spending);
  }

  writeKey(name: string, revoked: boolean): void {
    this.#put("revoked", name, revoked);
  }

  #put(table: string, name: string, value: unknown): void {
    const json = JSON.stringify(value);
    this.#sql.exec(`insert or replace into ${table} (name, value) values (?, ?)`, name, json);
  }

  #delete(table: string, name: string): void {
    this.#sql.exec(`delete from ${table} where name = ?`, name);
  }

  #rows<T>(table: string): [string, T][] {
    const rows = this.#sql.exec<{ name: string; value: string }>(
      `select name, value from ${table}`,
    );
    return rows.toArray().map(({ name, value }): [string, T] => [name, JSON.parse(value)]);
  }
}

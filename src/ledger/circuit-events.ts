import type { Transition } from "../contract/circuit.ts";
import { and, desc, eq, lt } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { rowsFrom } from "./rows-from.ts";
import { circuitEvents } from "./schema.ts";

/** A circuit's change of state, as it is recorded; its id is given once, where it happens. */
export interface CircuitEvent extends Transition {
  readonly id: string;
}

export interface CircuitEventFilter {
  readonly scope?: string | undefined;
  /** The id behind which to go on. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Writes events in one statement; a row that is there already stays as it is. */
export async function writeCircuitEvents(
  db: DrizzleD1Database,
  batch: readonly CircuitEvent[],
): Promise<void> {
  const rows = batch.map((event) => ({ ...event }));
  await db.insert(circuitEvents).select(rowsFrom(circuitEvents, rows)).onConflictDoNothing();
}

/** The newest events that fit the filter, with the cursor of the next page; null on the last. */
export async function listCircuitEvents(
  db: DrizzleD1Database,
  { scope, cursor, limit }: CircuitEventFilter,
): Promise<{ events: (typeof circuitEvents.$inferSelect)[]; cursor: string | null }> {
  const rows = await db
    .select()
    .from(circuitEvents)
    .where(
      and(
        scope === undefined ? undefined : eq(circuitEvents.scope, scope),
        cursor === undefined ? undefined : lt(circuitEvents.id, cursor),
      ),
    )
    .orderBy(desc(circuitEvents.id))
    .limit(limit + 1);
  const events = rows.slice(0, limit);
  return { events, cursor: rows.length > limit ? (events.at(-1)?.id ?? null) : null };
}

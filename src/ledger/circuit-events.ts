import type { Transition } from "../contract/circuit.ts";
import { and, desc, eq, lt } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { rowWriter, type ColumnValues } from "./row-writer.ts";
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
export function circuitEventWriter(
  client: D1Database,
): (batch: readonly CircuitEvent[]) => Promise<void> {
  const insert = rowWriter(client, circuitEvents, eventValues);
  return async (batch) => {
    await insert(batch).run();
  };
}

const eventValues: ColumnValues<typeof circuitEvents, CircuitEvent> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  scope: ({ scope }) => scope,
  from: ({ from }) => from,
  to: ({ to }) => to,
  reason: ({ reason }) => reason,
  until: ({ until }) => until,
  decision: ({ decision }) => decision,
};

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

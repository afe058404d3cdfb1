import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { Decision } from "../contract/decision.ts";
import { rowsFrom } from "./rows-from.ts";
import { attempts, decisions } from "./schema.ts";

/**
 * Writes decisions with their attempts in one transaction. A row that is there already stays as it
 * is, so writing twice writes once.
 *
 * The rows travel as one JSON parameter: D1 takes at most 100 parameters a statement.
 */
export async function writeDecisions(
  db: DrizzleD1Database,
  batch: readonly Decision[],
): Promise<void> {
  const attemptRows = batch.flatMap((decision) =>
    decision.attempts.map((attempt) => ({ ...attempt, decisionId: decision.id })),
  );
  await db.batch([
    db
      .insert(decisions)
      .select(rowsFrom(decisions, batch.map(toRow)))
      .onConflictDoNothing(),
    db.insert(attempts).select(rowsFrom(attempts, attemptRows)).onConflictDoNothing(),
  ]);
}

function toRow(decision: Decision): Record<string, unknown> {
  const { attempts: _attempts, costUsd, delivered, ...row } = decision;
  return {
    ...row,
    stream: decision.stream ? 1 : 0,
    costMicroUsd: costUsd === null ? null : Math.round(costUsd * 1_000_000),
    deliveredEvents: delivered?.events ?? null,
    deliveredBytes: delivered?.bytes ?? null,
    adapted: JSON.stringify(decision.adapted),
    metadata: JSON.stringify(decision.metadata),
    skipped: JSON.stringify(decision.skipped),
  };
}

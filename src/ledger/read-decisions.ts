import { and, desc, eq, gte, inArray, lt, lte, type SQL } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { attempts, decisions } from "./schema.ts";

export interface DecisionFilter {
  readonly route?: string | undefined;
  readonly provider?: string | undefined;
  /** Failure class of the failover. */
  readonly class?: string | undefined;
  readonly outcome?: string | undefined;
  readonly key?: string | undefined;
  /** ms UTC, both inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The id behind which to go on. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

type DecisionRow = typeof decisions.$inferSelect;
type AttemptRow = typeof attempts.$inferSelect;

/** A decision as the admin API shows it. */
export type StoredDecision = ReturnType<typeof present>;

/** The newest decisions that fit the filter, with the cursor of the next page; null on the last. */
export async function listDecisions(
  db: DrizzleD1Database,
  filter: DecisionFilter,
): Promise<{ decisions: StoredDecision[]; cursor: string | null }> {
  const rows = await db
    .select()
    .from(decisions)
    .where(and(...conditions(db, filter)))
    .orderBy(desc(decisions.id))
    .limit(filter.limit + 1);
  const page = rows.slice(0, filter.limit);
  const more = rows.length > filter.limit;
  return {
    decisions: await withAttempts(db, page),
    cursor: more ? (page.at(-1)?.id ?? null) : null,
  };
}

/** One decision, or null when there is none (yet) by that id. */
export async function findDecision(
  db: DrizzleD1Database,
  id: string,
): Promise<StoredDecision | null> {
  const rows = await db.select().from(decisions).where(eq(decisions.id, id)).limit(1);
  const [decision] = await withAttempts(db, rows);
  return decision ?? null;
}

function conditions(db: DrizzleD1Database, filter: DecisionFilter): (SQL | undefined)[] {
  const { route, provider, outcome, key, from, to, cursor } = filter;
  return [
    route === undefined ? undefined : eq(decisions.route, route),
    outcome === undefined ? undefined : eq(decisions.outcome, outcome),
    key === undefined ? undefined : eq(decisions.key, key),
    from === undefined ? undefined : gte(decisions.at, from),
    to === undefined ? undefined : lte(decisions.at, to),
    cursor === undefined ? undefined : lt(decisions.id, cursor),
    filter.class === undefined ? undefined : inArray(decisions.id, failedAs(db, filter.class)),
    provider === undefined ? undefined : inArray(decisions.id, triedAt(db, provider)),
  ];
}

function failedAs(db: DrizzleD1Database, failureClass: string) {
  return db
    .select({ id: attempts.decisionId })
    .from(attempts)
    .where(eq(attempts.outcome, failureClass));
}

/** A range instead of LIKE: a provider's name may hold LIKE's wildcards. `0` follows `/` in ASCII. */
function triedAt(db: DrizzleD1Database, provider: string) {
  return db
    .select({ id: attempts.decisionId })
    .from(attempts)
    .where(and(gte(attempts.candidate, `${provider}/`), lt(attempts.candidate, `${provider}0`)));
}

async function withAttempts(
  db: DrizzleD1Database,
  rows: readonly DecisionRow[],
): Promise<StoredDecision[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const found = await db
    .select()
    .from(attempts)
    .where(inArray(attempts.decisionId, ids))
    .orderBy(attempts.n);
  const byDecision = Map.groupBy(found, ({ decisionId }) => decisionId);
  return rows.map((row) => present(row, byDecision.get(row.id) ?? []));
}

function present(row: DecisionRow, tried: readonly AttemptRow[]) {
  const { costMicroUsd, deliveredEvents: events, deliveredBytes: bytes, ...decision } = row;
  return {
    ...decision,
    delivered: events === null || bytes === null ? null : { events, bytes },
    costUsd: costMicroUsd === null ? null : costMicroUsd / 1_000_000,
    attempts: tried.map(presentAttempt),
  };
}

/** The decision's id stands on the decision already. */
function presentAttempt(row: AttemptRow): Omit<AttemptRow, "decisionId"> {
  const { decisionId: _decisionId, ...attempt } = row;
  return attempt;
}

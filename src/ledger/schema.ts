import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Times are integer ms UTC, money is integer micro-USD. Each index costs another row written, so there are few. */

/** One row per request. `id` is a UUIDv7, so its order is the order of time. */
export const decisions = sqliteTable(
  "decisions",
  {
    id: text().primaryKey(),
    at: integer().notNull(),
    key: text(),
    surface: text().notNull(),
    route: text(),
    model: text(),
    stream: integer({ mode: "boolean" }).notNull(),
    outcome: text().notNull(),
    status: integer().notNull(),
    candidate: text(),
    failover: text(),
    latencyMs: integer("latency_ms").notNull(),
    firstTokenMs: integer("first_token_ms"),
    tokensIn: integer("tokens_in"),
    tokensOut: integer("tokens_out"),
    costMicroUsd: integer("cost_micro_usd"),
    cache: text().notNull(),
    adapted: text({ mode: "json" }).$type<string[]>().notNull(),
    /** Events and bytes of a stream that were handed to the app. */
    deliveredEvents: integer("delivered_events"),
    deliveredBytes: integer("delivered_bytes"),
    malformedEvents: integer("malformed_events").notNull().default(0),
    continuedBy: text("continued_by"),
    hedge: text(),
    /** How often the caller's own client had tried before, where it says so. */
    callerRetry: integer("caller_retry"),
    metadata: text({ mode: "json" }).$type<Record<string, string>>().notNull(),
    fleet: text().notNull(),
    skipped: text({ mode: "json" }).$type<unknown[]>().notNull(),
  },
  (table) => [index("decisions_outcome").on(table.outcome, table.id)],
);

/** One row per upstream call. */
export const attempts = sqliteTable(
  "attempts",
  {
    decisionId: text("decision_id").notNull(),
    n: integer().notNull(),
    candidate: text().notNull(),
    outcome: text().notNull(),
    status: integer(),
    code: text(),
    type: text(),
    message: text(),
    retryAfterMs: integer("retry_after_ms"),
    startedMs: integer("started_ms").notNull(),
    firstTokenMs: integer("first_token_ms"),
    durationMs: integer("duration_ms").notNull(),
    circuitBefore: text("circuit_before").notNull(),
    circuitAfter: text("circuit_after").notNull(),
  },
  (table) => [primaryKey({ columns: [table.decisionId, table.n] })],
);

/** One row per change of a circuit's state. `id` is a UUIDv7, so its order is the order of time. */
export const circuitEvents = sqliteTable("circuit_events", {
  id: text().primaryKey(),
  at: integer().notNull(),
  scope: text().notNull(),
  from: text().notNull(),
  to: text().notNull(),
  reason: text().notNull(),
  /** Opened: until when. */
  until: integer(),
  /** The decision whose attempt brought it about; null for an operator's act. */
  decision: text(),
});

/** Every config that was ever put; the newest one counts. */
export const configVersions = sqliteTable("config_versions", {
  version: integer().primaryKey({ autoIncrement: true }),
  at: integer().notNull(),
  config: text().notNull(),
});

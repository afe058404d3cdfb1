import type { AttemptRecord, Decision } from "../contract/decision.ts";
import { rowWriter, type ColumnValues } from "./row-writer.ts";
import { attempts, decisions } from "./schema.ts";

/**
 * Writes decisions with their attempts in one transaction. A row that is there already stays as it
 * is, so writing twice writes once.
 */
export type WriteDecisions = (batch: readonly Decision[]) => Promise<void>;

export function decisionWriter(client: D1Database): WriteDecisions {
  const insertDecisions = rowWriter(client, decisions, decisionValues);
  const insertAttempts = rowWriter(client, attempts, attemptValues);
  return async (batch) => {
    const made = batch.flatMap(({ id, attempts: own }) =>
      own.map((attempt) => ({ decisionId: id, attempt })),
    );
    await client.batch([insertDecisions(batch), insertAttempts(made)]);
  };
}

const decisionValues: ColumnValues<typeof decisions, Decision> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  key: ({ key }) => key,
  surface: ({ surface }) => surface,
  route: ({ route }) => route,
  model: ({ model }) => model,
  stream: ({ stream }) => (stream ? 1 : 0),
  outcome: ({ outcome }) => outcome,
  status: ({ status }) => status,
  candidate: ({ candidate }) => candidate,
  failover: ({ failover }) => failover,
  latencyMs: ({ latencyMs }) => latencyMs,
  firstTokenMs: ({ firstTokenMs }) => firstTokenMs,
  tokensIn: ({ tokensIn }) => tokensIn,
  tokensOut: ({ tokensOut }) => tokensOut,
  costMicroUsd: ({ costUsd }) => (costUsd === null ? null : Math.round(costUsd * 1_000_000)),
  cache: ({ cache }) => cache,
  adapted: ({ adapted }) => adapted,
  deliveredEvents: ({ delivered }) => delivered?.events ?? null,
  deliveredBytes: ({ delivered }) => delivered?.bytes ?? null,
  malformedEvents: ({ malformedEvents }) => malformedEvents,
  continuedBy: ({ continuedBy }) => continuedBy,
  hedge: ({ hedge }) => hedge,
  callerRetry: ({ callerRetry }) => callerRetry,
  metadata: ({ metadata }) => metadata,
  fleet: ({ fleet }) => fleet,
  skipped: ({ skipped }) => skipped,
};

interface Made {
  readonly decisionId: string;
  readonly attempt: AttemptRecord;
}

const attemptValues: ColumnValues<typeof attempts, Made> = {
  decisionId: ({ decisionId }) => decisionId,
  n: ({ attempt }) => attempt.n,
  candidate: ({ attempt }) => attempt.candidate,
  outcome: ({ attempt }) => attempt.outcome,
  status: ({ attempt }) => attempt.status,
  code: ({ attempt }) => attempt.code,
  type: ({ attempt }) => attempt.type,
  message: ({ attempt }) => attempt.message,
  retryAfterMs: ({ attempt }) => attempt.retryAfterMs,
  startedMs: ({ attempt }) => attempt.startedMs,
  firstTokenMs: ({ attempt }) => attempt.firstTokenMs,
  durationMs: ({ attempt }) => attempt.durationMs,
  circuitBefore: ({ attempt }) => attempt.circuitBefore,
  circuitAfter: ({ attempt }) => attempt.circuitAfter,
};

import type { CircuitRecord } from "../contract/circuit.ts";
import type { CircuitState } from "../contract/decision.ts";

/** The share of traffic that a recovered scope gets, step by step; behind the last step it is closed. */
export const rampShares = [0.1, 0.5, 1] as const;

/** The step of a circuit that is closed. */
export const closedStep = rampShares.length;

/** A circuit that nothing has ever happened to. */
export function pristine(now: number): CircuitRecord {
  return {
    generation: 0,
    operator: false,
    opened: false,
    until: 0,
    step: closedStep,
    since: now,
    openings: 0,
    reason: null,
    lastFailure: null,
  };
}

/**
 * Which of two records of one scope is the later: above 0 when it is `a`. Generation beats
 * time, an operator beats the isolates, open beats returning, a later reopening beats an earlier one.
 * A total order, so merging is the maximum: the same in any order and however often.
 */
export function compareRecords(a: CircuitRecord, b: CircuitRecord): number {
  return (
    a.generation - b.generation ||
    Number(a.operator) - Number(b.operator) ||
    Number(a.opened) - Number(b.opened) ||
    a.until - b.until ||
    a.step - b.step ||
    a.openings - b.openings ||
    a.since - b.since ||
    compareText(causeOf(a), causeOf(b))
  );
}

/** The state of a record that nobody probes as yet. */
export function statedBy({ opened, step }: CircuitRecord): CircuitState {
  if (opened) return "open";
  return step === closedStep ? "closed" : "half-open";
}

/** The same record with its times moved to another clock, which is `ms` ahead. */
export function shiftRecord(record: CircuitRecord, ms: number): CircuitRecord {
  if (ms === 0) return record;
  const { lastFailure } = record;
  return {
    ...record,
    until: record.opened ? record.until + ms : 0,
    since: record.since + ms,
    lastFailure: lastFailure === null ? null : { ...lastFailure, at: lastFailure.at + ms },
  };
}

/** Only a tie-break: two records that agree on everything that counts. */
function causeOf({ reason, lastFailure }: CircuitRecord): string {
  if (lastFailure === null) return reason ?? "";
  const { class: failed, status, code, message, at } = lastFailure;
  return JSON.stringify([reason, failed, status, code, message, at]);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

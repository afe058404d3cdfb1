import type { Usage } from "../contract/chat.ts";
import type { AttemptRecord, Delivered } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Ending } from "../relay/stream-answer.ts";
import type { Reply } from "../relay/relay-answer.ts";
import { record, saidNothing, type Started } from "./begin-attempt.ts";
import { callerGone } from "./make-attempt.ts";
import type { RunContext } from "./run-context.ts";

/** An attempt whose answer is on its way to the app. */
export interface Running {
  readonly started: Started;
  readonly status: number;
  readonly firstTokenAt: number;
}

/** The end of a served request. */
export interface Settled {
  /** The attempt that served, and those that went on from it where it broke off. */
  readonly attempts: readonly AttemptRecord[];
  readonly ending: "complete" | "truncated" | "cancelled";
  readonly usage: Usage | null;
  /** How much of a stream was handed to the app; null for an answer in one piece. */
  readonly delivered: Delivered | null;
  /** Events of the provider's that could not be read and were left out. */
  readonly malformed: number;
  readonly continuedBy: string | null;
}

/** What went on after an attempt's commit; `current` is null when its stream broke off for good. */
interface Sequel {
  readonly broken: readonly AttemptRecord[];
  readonly current: Running | null;
  readonly by: string | null;
}

/**
 * Settles the circuit of a committed attempt that was its circuit's probe: others wait for it, and a
 * stream may take minutes. All others are settled when their answer has ended.
 */
export async function settleCommit({ permit }: Started, context: RunContext): Promise<void> {
  if (isProbe(permit)) await context.circuits.succeed(permit, context.clock.now());
}

function isProbe({ provider, candidate }: Started["permit"]): boolean {
  return provider.permit.probe || candidate.permit.probe;
}

/** Waits for the end of an answer, settles its circuit and gives what is to be recorded. Never rejects. */
export async function settleEnd(
  running: Running,
  reply: Reply,
  { context, sequel }: { context: RunContext; sequel: Sequel | null },
): Promise<Settled> {
  if (reply.form === "document") {
    const { usage, malformed } = reply;
    const attempts = [await settleWell(running, "ok", context)];
    return {
      attempts,
      ending: "complete",
      usage,
      delivered: null,
      malformed,
      continuedBy: null,
    };
  }
  const ended = await reply.ended;
  const last = sequel === null ? running : sequel.current;
  const lastRecord = last === null ? [] : [await settleEnded(last, ended, context)];
  const { how: ending, usage, delivered, malformed } = ended;
  return {
    attempts: [...(sequel?.broken ?? []), ...lastRecord],
    ending,
    usage,
    delivered,
    malformed,
    continuedBy: sequel?.by ?? null,
  };
}

function settleEnded(running: Running, ended: Ending, context: RunContext): Promise<AttemptRecord> {
  if (ended.how === "truncated") return settleBreak(running, ended.failure, context);
  return settleWell(running, ended.how === "cancelled" ? "cancelled" : "ok", context);
}

/** A caller that left says nothing of the provider. */
async function settleWell(
  { started, status, firstTokenAt }: Running,
  outcome: "ok" | "cancelled",
  context: RunContext,
): Promise<AttemptRecord> {
  const { permit } = started;
  const now = context.clock.now();
  if (outcome === "cancelled") await context.circuits.fail(permit, callerGone, now);
  else await context.circuits.succeed(permit, now);
  return record(started, context, { outcome, said: { ...saidNothing, status }, firstTokenAt });
}

/** A stream that broke off after its start counts like any other failure, a probe's too, whose permit is spent. */
export async function settleBreak(
  { started, firstTokenAt }: Running,
  failure: Failure,
  context: RunContext,
): Promise<AttemptRecord> {
  const { permit, candidate } = started;
  const now = context.clock.now();
  const { breaker, decision } = context;
  const again = isProbe(permit)
    ? context.circuits.take(candidate, { breaker, decision, anyway: true }, now)
    : null;
  if (again === null) await context.circuits.fail(permit, failure, now);
  else if (again.granted) await context.circuits.fail(again.permit, failure, now);
  return record(started, context, { outcome: failure.class, said: failure, firstTokenAt });
}

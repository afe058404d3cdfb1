import type { Usage } from "../contract/chat.ts";
import type { AttemptRecord, Delivered } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Ending } from "../relay/stream-answer.ts";
import type { Reply } from "../relay/relay-answer.ts";
import { record, saidNothing, type Started } from "./begin-attempt.ts";
import { callerGone } from "./caller-gone.ts";
import type { RunContext } from "./run-context.ts";

/** An attempt whose answer is on its way to the app. */
export interface Running {
  readonly started: Started;
  readonly status: number;
  readonly firstTokenAt: number;
  /** Its success was counted at its commit, and is not counted again at its end. */
  readonly counted: boolean;
}

/** The end of a served request. */
export interface Settled {
  /** The attempt that served, and those that went on from it where it broke off. */
  readonly attempts: readonly AttemptRecord[];
  readonly ending: "complete" | "truncated" | "cancelled";
  readonly usage: Usage | null;
  /** What the provider calls the model that answered; null when it does not say. */
  readonly model: string | null;
  /** How much of a stream was handed to the app; null for an answer in one piece. */
  readonly delivered: Delivered | null;
  /** Events of the provider's that could not be read and were left out. */
  readonly malformed: number;
  readonly continuedBy: string | null;
}

/** What went on after an attempt's commit; `current` is null when its stream broke off for good. */
interface Sequel {
  /** Ends when nobody is being looked for any more to go on; never rejects. */
  readonly searched: () => Promise<void>;
  readonly broken: readonly AttemptRecord[];
  readonly current: Running | null;
  readonly by: string | null;
}

/**
 * Counts the success of a committed attempt whose circuit is on its way back, as its probe or on the
 * ramp behind it: others wait for that, a stream may take minutes, and its app may leave before its
 * end. All others are settled when their answer has ended. True when it was counted.
 */
export function settleCommit({ permit, circuitBefore }: Started, context: RunContext): boolean {
  const counts = isProbe(permit) || circuitBefore === "half-open";
  if (counts) context.circuits.succeed(permit, context.clock.now());
  return counts;
}

function isProbe({ provider, candidate }: Started["permit"]): boolean {
  return provider.permit.probe || candidate.permit.probe;
}

/** Settles the circuit of a whole answer, and gives what is to be recorded. */
export function settleDocument(
  running: Running,
  { usage, model, malformed }: Extract<Reply, { form: "document" }>,
  context: RunContext,
): Settled {
  return {
    attempts: [settleWell(running, "ok", context)],
    ending: "complete",
    usage,
    model,
    delivered: null,
    malformed,
    continuedBy: null,
  };
}

/** Waits for the end of a stream, settles its circuit and gives what is to be recorded. Never rejects. */
export async function settleStream(
  running: Running,
  reply: Extract<Reply, { form: "stream" }>,
  { context, sequel }: { context: RunContext; sequel: Sequel | null },
): Promise<Settled> {
  const ended = await reply.ended;
  // An app that leaves ends its stream at once, also while somebody is looked for to go on with it.
  await sequel?.searched();
  const last = sequel === null ? running : sequel.current;
  const lastRecord = last === null ? [] : [settleEnded(last, ended, context)];
  const { how: ending, usage, model, delivered, malformed } = ended;
  return {
    attempts: [...(sequel?.broken ?? []), ...lastRecord],
    ending,
    usage,
    model,
    delivered,
    malformed,
    continuedBy: sequel?.by ?? null,
  };
}

function settleEnded(running: Running, ended: Ending, context: RunContext): AttemptRecord {
  if (ended.how === "truncated") return settleBreak(running, ended.failure, context);
  return settleWell(running, ended.how === "cancelled" ? "cancelled" : "ok", context);
}

/** A caller that left says nothing of the provider. */
function settleWell(
  { started, status, firstTokenAt, counted }: Running,
  outcome: "ok" | "cancelled",
  context: RunContext,
): AttemptRecord {
  const { permit } = started;
  const now = context.clock.now();
  if (outcome === "cancelled") context.circuits.fail(permit, callerGone, now);
  else if (!counted) context.circuits.succeed(permit, now);
  return record(started, context, { outcome, said: { ...saidNothing, status }, firstTokenAt });
}

/** A stream that broke off after its start counts like any other failure, a probe's too, whose permit is spent. */
export function settleBreak(
  { started, firstTokenAt }: Running,
  failure: Failure,
  context: RunContext,
): AttemptRecord {
  const { permit, candidate } = started;
  const now = context.clock.now();
  const { breaker, decision } = context;
  const again = isProbe(permit)
    ? context.circuits.take(candidate, { breaker, decision, anyway: true }, now)
    : null;
  if (again === null) context.circuits.fail(permit, failure, now);
  else if (again.granted) context.circuits.fail(again.permit, failure, now);
  return record(started, context, { outcome: failure.class, said: failure, firstTokenAt });
}

import type { HedgeOutcome } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import { callerGone, makeAttempt, type AttemptResult } from "./make-attempt.ts";
import { race, type Raced, type Runner } from "./race.ts";
import type { Started } from "./begin-attempt.ts";
import type { RunContext } from "./run-context.ts";

/** One turn of the loop: an attempt, and a second one beside it where the route hedges. */
export interface Round {
  readonly won: Tried<Extract<AttemptResult, { ok: true }>> | null;
  readonly lost: readonly Tried<Extract<AttemptResult, { ok: false }>>[];
  readonly hedge: HedgeOutcome | null;
}

interface Tried<R> {
  readonly started: Started;
  readonly result: R;
}

/** Makes an attempt; `second` begins another one, when it is wanted and there is a candidate for it. */
export async function playRound(
  first: Started,
  context: RunContext,
  second: () => Started | null,
): Promise<Round> {
  const { hedgeAfterMs } = context.streaming;
  if (hedgeAfterMs === null) {
    const result = await makeAttempt(first.target, context);
    const won = result.ok ? { started: first, result } : null;
    return { won, lost: result.ok ? [] : [{ started: first, result }], hedge: null };
  }
  let beside: Started | null = null;
  let overBudget = false;
  const raced = await race(run(first, context), {
    afterMs: hedgeAfterMs,
    wait: context.wait,
    wins: ({ ok }) => ok,
    start: () => {
      overBudget = !context.hedges.take(context.clock.now());
      if (overBudget) return null;
      beside = second();
      if (beside !== null) return run(beside, context);
      context.hedges.giveBack();
      return null;
    },
  });
  const tried = [{ started: first, result: raced.first }];
  if (beside !== null && raced.second !== null)
    tried.push({ started: beside, result: raced.second });
  return { ...(await sort(tried, raced)), hedge: hedgeOutcome(raced, overBudget) };
}

function run(started: Started, context: RunContext): Runner<AttemptResult> {
  const own = new AbortController();
  const signal = AbortSignal.any([context.signal, own.signal]);
  const result = makeAttempt(started.target, { ...context, signal });
  return { result, abort: () => own.abort() };
}

async function sort(
  tried: readonly Tried<AttemptResult>[],
  { winner }: Raced<AttemptResult>,
): Promise<Pick<Round, "won" | "lost">> {
  let won: Round["won"] = null;
  const lost: Round["lost"][number][] = [];
  for (const [index, { started, result }] of tried.entries()) {
    const wins = winner === (index === 0 ? "first" : "second");
    if (wins && result.ok) won = { started, result };
    else lost.push({ started, result: await asLoser(result, winner !== null) });
  }
  return { won, lost };
}

/** One that came in second is given up, however far it had come. */
async function asLoser(
  result: AttemptResult,
  another: boolean,
): Promise<Extract<AttemptResult, { ok: false }>> {
  if (result.ok) {
    if (result.reply.form === "stream") await result.reply.body.cancel();
    return { ok: false, failure: outrun, limits: result.limits };
  }
  return another && result.failure.class === "cancelled" ? { ...result, failure: outrun } : result;
}

const outrun: Failure = { ...callerGone, message: "another candidate was faster" };

function hedgeOutcome(
  { second, winner }: Raced<AttemptResult>,
  overBudget: boolean,
): HedgeOutcome | null {
  if (overBudget) return "over_budget";
  if (second === null) return null;
  return winner === "second" ? "won" : "lost";
}

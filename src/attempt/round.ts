import type { AttemptRecord, HedgeOutcome } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import { callerGone } from "./caller-gone.ts";
import { makeAttempt, type AttemptResult } from "./make-attempt.ts";
import { race, type Raced, type Runner } from "./race.ts";
import type { Started } from "./begin-attempt.ts";
import type { RunContext } from "./run-context.ts";

/** One turn of the loop: an attempt, and a second one beside it where the route hedges. */
export interface Round {
  readonly won: Tried<Extract<AttemptResult, { ok: true }>> | null;
  /** A single attempt that failed. It is not settled yet: how depends on whether it is made again. */
  readonly lost: Lost | null;
  /** The records of those of a pair that did not win, in their order; they are settled. */
  readonly settled: readonly AttemptRecord[];
  readonly hedge: HedgeOutcome | null;
}

interface Tried<R> {
  readonly started: Started;
  readonly result: R;
}

export type Lost = Tried<Extract<AttemptResult, { ok: false }>>;

interface Edges {
  readonly context: RunContext;
  /** Begins another attempt; null when there is no candidate for it. */
  readonly second: () => Started | null;
  /** Settles one of a pair that did not win. */
  readonly settle: (lost: Lost) => AttemptRecord;
}

/** Makes an attempt, and a second one beside it where it is slow and the route wants that. */
export async function playRound(first: Started, edges: Edges): Promise<Round> {
  const { context } = edges;
  const { hedgeAfterMs } = context.streaming;
  return hedgeAfterMs === null
    ? alone(first, await makeAttempt(first.target, context), null)
    : hedged(first, hedgeAfterMs, edges);
}

async function hedged(first: Started, hedgeAfterMs: number, edges: Edges): Promise<Round> {
  const { context, settle } = edges;
  const leader = new Contender(first, context);
  const pair: { contender: Contender; settled: Promise<AttemptRecord | null> }[] = [];
  let overBudget = false;
  const raced = await race(leader, {
    afterMs: hedgeAfterMs,
    wait: context.wait,
    wins: ({ ok }) => ok,
    start: () => {
      overBudget = !context.hedges.take(context.clock.now());
      const follower = overBudget ? null : besides(edges);
      if (follower === null) return null;
      // A failure is settled when it happens: the other one may take minutes.
      for (const contender of [leader, follower]) {
        pair.push({ contender, settled: contender.settleFailure(settle) });
      }
      return follower;
    },
  });
  const hedge = hedgeOutcome(raced, overBudget);
  if (pair.length === 0) return alone(first, raced.first, hedge);
  let won: Round["won"] = null;
  const settled: AttemptRecord[] = [];
  for (const [index, one] of pair.entries()) {
    const { started } = one.contender;
    const result = index === 0 ? raced.first : raced.second;
    const record = await one.settled;
    if (record !== null) settled.push(record);
    else if (result?.ok !== true) continue;
    else if (raced.winner === (index === 0 ? "first" : "second")) won = { started, result };
    else settled.push(settle({ started, result: await givenUp(result) }));
  }
  return { won, lost: null, settled, hedge };
}

function besides({ context, second }: Edges): Contender | null {
  const beside = second();
  if (beside !== null) return new Contender(beside, context);
  context.hedges.giveBack();
  return null;
}

function alone(started: Started, result: AttemptResult, hedge: HedgeOutcome | null): Round {
  if (result.ok) return { won: { started, result }, lost: null, settled: [], hedge };
  return { won: null, lost: { started, result }, settled: [], hedge };
}

/** An attempt that may be given up for another one. */
class Contender implements Runner<AttemptResult> {
  readonly started: Started;
  readonly result: Promise<AttemptResult>;
  readonly #own = new AbortController();

  constructor(started: Started, context: RunContext) {
    this.started = started;
    const signal = AbortSignal.any([context.signal, this.#own.signal]);
    this.result = makeAttempt(started.target, { ...context, signal });
  }

  abort(): void {
    this.#own.abort();
  }

  /** Settles the attempt as soon as it has failed; null when it has not. */
  async settleFailure(settle: Edges["settle"]): Promise<AttemptRecord | null> {
    const { started } = this;
    const result = await this.result;
    if (result.ok) return null;
    const isOutrun = this.#own.signal.aborted && result.failure.class === "cancelled";
    return settle({ started, result: isOutrun ? { ...result, failure: outrun } : result });
  }
}

/** One that came in second is given up, however far it had come. */
async function givenUp({
  reply,
  limits,
}: Extract<AttemptResult, { ok: true }>): Promise<Lost["result"]> {
  if (reply.form === "stream") await reply.body.cancel();
  return { ok: false, failure: outrun, limits };
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

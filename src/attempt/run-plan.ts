import type { AttemptRecord, HedgeOutcome, Skip } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Plan } from "../contract/plan.ts";
import type { Candidate } from "../contract/route.ts";
import { skip } from "../plan/plan-request.ts";
import type { Reply } from "../relay/relay-answer.ts";
import { beginAttempt, settleFailure, type Started } from "./begin-attempt.ts";
import { Continuing } from "./continuing.ts";
import { playRound, type Round } from "./round.ts";
import type { RunContext } from "./run-context.ts";
import { settleCommit, settleEnd, type Settled } from "./settle.ts";
import { StepQueue } from "./step-queue.ts";

/** What the loop did, whatever came of it. */
interface Trail {
  readonly attempts: readonly AttemptRecord[];
  readonly skipped: readonly Skip[];
  readonly hedge: HedgeOutcome | null;
}

export type RunResult =
  | {
      readonly outcome: "served";
      readonly candidate: Candidate;
      readonly status: number;
      readonly reply: Reply;
      readonly adapted: readonly string[];
      readonly trail: Trail;
      /** How the answer ended, once it has; never rejects. */
      readonly settled: Promise<Settled>;
    }
  | {
      readonly outcome: "failed";
      /** The failure that ended the loop; null when no candidate could be tried. */
      readonly failure: Failure | null;
      readonly candidate: Candidate | null;
      readonly trail: Trail;
    };

/**
 * The only loop: tries the plan's candidates in order until one commits. A failure is settled with
 * the circuits before the next candidate is tried, so that the next request already knows.
 */
export function runPlan(plan: Plan, context: RunContext): Promise<RunResult> {
  context.hedges.countRequest(context.clock.now());
  return new PlanRun(plan, context).run();
}

class PlanRun {
  readonly #context: RunContext;
  readonly #queue: StepQueue;
  readonly #continuing: Continuing | null;
  readonly #attempts: AttemptRecord[] = [];
  #begun = 0;
  #hedge: HedgeOutcome | null = null;
  #last: { failure: Failure; candidate: Candidate } | null = null;

  constructor(plan: Plan, context: RunContext) {
    this.#context = context;
    this.#queue = new StepQueue(plan);
    this.#continuing = Continuing.wanted(context) ? new Continuing(this.#queue, context) : null;
  }

  async run(): Promise<RunResult> {
    for (;;) {
      const started = this.#next();
      if (started === null) break;
      const round = await playRound(started, this.#context, () => this.#next());
      this.#hedge = round.hedge ?? this.#hedge;
      await this.#settleLost(round);
      if (round.won !== null) return this.#served(round.won);
      if (this.#last?.failure.failsOver === false) break;
    }
    return {
      outcome: "failed",
      failure: null,
      candidate: null,
      ...this.#last,
      trail: this.#trail(),
    };
  }

  /** Begins an attempt at the next candidate that has a permit to give; null when there is none left. */
  #next(): Started | null {
    for (;;) {
      const step = this.#queue.next();
      if (step === null) return null;
      const stop = this.#begun === 0 ? null : this.#spent();
      if (stop !== null) {
        this.#queue.skipped.push(skip(step.candidate, stop));
        continue;
      }
      const started = beginAttempt(step, this.#begun + 1, this.#context);
      if (!started.granted) {
        this.#queue.skipped.push(started.skip);
        continue;
      }
      this.#begun += 1;
      const carryOn = this.#continuing?.carryOn ?? null;
      return { ...started, target: { ...started.target, carryOn } };
    }
  }

  #spent(): "attempts_spent" | "deadline" | null {
    const { maxAttempts, clock, deadlineAt } = this.#context;
    if (this.#begun >= maxAttempts) return "attempts_spent";
    return clock.now() >= deadlineAt ? "deadline" : null;
  }

  async #settleLost({ lost }: Round): Promise<void> {
    for (const { started, result } of lost) {
      const { candidate } = started;
      if (result.limits !== null) this.#context.onLimits(candidate, result.limits);
      this.#attempts.push(await settleFailure(started, result.failure, this.#context));
      // The caller's own fault stays the last word, whatever the one beside it says.
      if (this.#last?.failure.failsOver !== false) {
        this.#last = { failure: result.failure, candidate };
      }
    }
  }

  async #served({ started, result }: NonNullable<Round["won"]>): Promise<RunResult> {
    const { candidate } = started;
    const { status, reply, adapted, firstTokenAt, limits } = result;
    if (limits !== null) this.#context.onLimits(candidate, limits);
    await settleCommit(started, this.#context);
    const running = { started, status, firstTokenAt };
    this.#continuing?.begun(running);
    const settled = settleEnd(running, reply, {
      context: this.#context,
      sequel: this.#continuing,
    });
    if (reply.form === "document") await settled;
    return {
      outcome: "served",
      candidate,
      status,
      reply,
      adapted,
      trail: this.#trail(),
      settled,
    };
  }

  #trail(): Trail {
    return { attempts: this.#attempts, skipped: this.#queue.skipped, hedge: this.#hedge };
  }
}

import type { AttemptRecord, HedgeOutcome, Skip, SkipReason } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Plan } from "../contract/plan.ts";
import type { Candidate } from "../contract/route.ts";
import { skip } from "../plan/plan-request.ts";
import type { Reply } from "../relay/relay-answer.ts";
import { unsuited } from "../plan/suits.ts";
import { beginAttempt, settleAndHold, settleFailure, type Started } from "./begin-attempt.ts";
import { Continuing } from "./continuing.ts";
import { callerGone } from "./caller-gone.ts";
import { awaitReopening, isThrottle, type Awaited } from "./reopening.ts";
import { Retries, type Waited } from "./retries.ts";
import { playRound, type Lost, type Round } from "./round.ts";
import type { RunContext } from "./run-context.ts";
import { settleCommit, settleDocument, settleStream, type Settled } from "./settle.ts";
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
  const now = context.clock.now();
  context.hedges.countRequest(now);
  context.retryBudget.countRequest(now);
  return new PlanRun(plan, context).run();
}

class PlanRun {
  readonly #context: RunContext;
  readonly #plan: Plan;
  readonly #queue: StepQueue;
  readonly #continuing: Continuing | null;
  readonly #retries: Retries;
  readonly #attempts: AttemptRecord[] = [];
  /** Each candidate's failure; the last of them where it was asked twice. */
  readonly #failed = new Map<Candidate, { failure: Failure; at: number }>();
  #begun = 0;
  #hedge: HedgeOutcome | null = null;
  #last: { failure: Failure; candidate: Candidate } | null = null;

  constructor(plan: Plan, context: RunContext) {
    this.#context = context;
    this.#plan = plan;
    this.#queue = new StepQueue(plan);
    this.#continuing = Continuing.wanted(context) ? new Continuing(this.#queue, context) : null;
    this.#retries = new Retries(context);
  }

  async run(): Promise<RunResult> {
    let waited: Waited = this.#next() ?? (await this.#reopening());
    while (waited !== null && waited !== "gone") {
      const round = await playRound(this.#ready(waited), this.#edges);
      this.#hedge = round.hedge ?? this.#hedge;
      this.#attempts.push(...round.settled);
      const again = round.lost === null ? null : await this.#settleAndRetry(round.lost);
      if (round.won !== null) return this.#served(round.won);
      if (this.#last?.failure.failsOver === false) break;
      waited = again ?? this.#next() ?? (await this.#reopening());
    }
    const gone = waited === "gone" ? { failure: callerGone } : {};
    return {
      outcome: "failed",
      failure: null,
      candidate: null,
      ...this.#last,
      ...gone,
      trail: this.#trail(),
    };
  }

  /** What a round may ask of the loop. */
  get #edges(): Parameters<typeof playRound>[1] {
    return {
      context: this.#context,
      second: () => {
        const second = this.#next();
        return second === null ? null : this.#ready(second);
      },
      settle: (lost) => {
        this.#note(lost);
        return settleFailure(lost.started, lost.result.failure, this.#context);
      },
    };
  }

  /** Begins an attempt at the next candidate that has a permit to give; null when there is none left. */
  #next(): Started | null {
    for (;;) {
      const step = this.#queue.next();
      if (step === null) return null;
      const reason = this.#spent() ?? this.#unsuited(step.candidate);
      if (reason !== null) {
        this.#queue.skipped.push(skip(step.candidate, reason));
        continue;
      }
      const started = beginAttempt(step, this.#begun + 1, this.#context);
      if (started.granted) return started;
      this.#queue.skipped.push(started.skip);
    }
  }

  /** Counts an attempt that is about to be made, and gives it what all attempts of the request have. */
  #ready(started: Started): Started {
    this.#begun += 1;
    const carryOn = this.#continuing?.carryOn ?? null;
    return { ...started, target: { ...started.target, carryOn } };
  }

  #spent(): "attempts_spent" | "deadline" | null {
    const { retries, clock, deadlineAt } = this.#context;
    if (this.#begun === 0) return null;
    if (this.#begun >= retries.maxAttempts) return "attempts_spent";
    return clock.now() >= deadlineAt ? "deadline" : null;
  }

  #unsuited(candidate: Candidate): SkipReason | null {
    if (this.#failed.size === 0) return null;
    const refused = [...this.#failed].map(([one, { failure }]) => ({
      candidate: one,
      class: failure.class,
    }));
    return unsuited(candidate, refused, this.#context.request);
  }

  /** Settles an attempt that failed; where that is worth it, waits and asks again. */
  async #settleAndRetry(lost: Lost): Promise<Waited> {
    const { started, result } = lost;
    this.#note(lost);
    const step = this.#retries.decide(started.candidate, result.failure, this.#begun);
    const holdMs = step.do === "retry" && step.holding ? step.afterMs : null;
    const edges = { context: this.#context, holdMs };
    const settled = settleAndHold(started, result.failure, edges);
    this.#attempts.push(settled.record);
    return step.do === "retry" ? this.#retries.again(started, step, settled.probe) : null;
  }

  #note({ started, result }: Lost): void {
    const { candidate } = started;
    const { failure, limits } = result;
    if (limits !== null) this.#context.onLimits(candidate, limits);
    this.#failed.set(candidate, { failure, at: this.#context.clock.now() });
    // The caller's own fault stays the last word, whatever the one beside it says.
    if (this.#last?.failure.failsOver !== false) this.#last = { failure, candidate };
  }

  /** Nothing is left to be tried now: waits for a throttled candidate, on a route that wants that. */
  async #reopening(): Promise<Waited> {
    const { retries } = this.#context;
    if (retries.onLimit !== "wait" || this.#begun >= retries.maxAttempts) return null;
    const awaited = [...waitable(this.#plan)].flatMap((candidate) => this.#awaited(candidate));
    if (awaited.length === 0) return null;
    // Taken before the waiting, as all who wait at once would find the same one left.
    const again = awaited.some(({ candidate }) => this.#failed.has(candidate));
    if (again) this.#retries.reserve();
    const waited = await awaitReopening(awaited, this.#begun + 1, this.#context);
    if (waited !== null && waited !== "gone" && this.#failed.has(waited.candidate)) {
      this.#retries.count(waited.candidate);
    } else if (again) {
      this.#retries.giveBack();
    }
    return waited;
  }

  #awaited(candidate: Candidate): Awaited[] {
    const failed = this.#failed.get(candidate);
    if (failed === undefined) {
      return this.#unsuited(candidate) === null ? [{ candidate, saidAt: null }] : [];
    }
    const { failure, at } = failed;
    if (!isThrottle(failure.class) || !this.#retries.mayAskAgain(candidate)) return [];
    const saidAt = failure.retryAfterMs === null ? null : at + failure.retryAfterMs;
    return [{ candidate, saidAt }];
  }

  #served({ started, result }: NonNullable<Round["won"]>): RunResult {
    const { candidate } = started;
    const { status, reply, adapted, firstTokenAt, limits } = result;
    if (limits !== null) this.#context.onLimits(candidate, limits);
    const counted = settleCommit(started, this.#context);
    const running = { started, status, firstTokenAt, counted };
    this.#continuing?.begun(running);
    const edges = { context: this.#context, sequel: this.#continuing };
    const settled =
      reply.form === "document"
        ? Promise.resolve(settleDocument(running, reply, this.#context))
        : settleStream(running, reply, edges);
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

/** The candidates of a plan that the request may have, once each. */
function waitable({ steps }: Plan): Set<Candidate> {
  const usable = steps.filter(
    ({ candidate, skip: skipped }) =>
      candidate.account.provider !== null &&
      skipped?.reason !== "no_fallback" &&
      // One that cannot take the request will not be able to later.
      skipped?.lacks === undefined,
  );
  return new Set(usable.map(({ candidate }) => candidate));
}

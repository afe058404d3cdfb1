import type { HeldProbe } from "../circuit/switchboard.ts";
import type { Failure } from "../contract/failure.ts";
import type { Candidate } from "../contract/route.ts";
import { beginAttempt, beginHeld, type Started } from "./begin-attempt.ts";
import { nextStep, type NextStep } from "./next-step.ts";
import { pause } from "./pause.ts";
import type { RunContext } from "./run-context.ts";

type Retry = Extract<NextStep, { do: "retry" }>;

/** What came of waiting: an attempt, nothing (go on to the next), or the caller left. */
export type Waited = Started | "gone" | null;

/** What one request asks of the same candidates again. */
export class Retries {
  readonly #context: RunContext;
  readonly #here = new Map<string, number>();
  #all = 0;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /** Decides what follows a failure; a retry is taken out of the isolate's budget at once. */
  decide({ id }: Candidate, failure: Failure, callsMade: number): NextStep {
    const { clock, deadlineAt, retries: policy, retryBudget, random } = this.#context;
    const now = clock.now();
    const situation = {
      failure,
      policy,
      retriesHere: this.#here.get(id) ?? 0,
      retries: this.#all,
      callsLeft: policy.maxAttempts - callsMade,
      timeLeftMs: deadlineAt - now,
      inBudget: retryBudget.has(now),
    };
    const step = nextStep(situation, random);
    if (step.do === "retry") retryBudget.spend(now);
    return step;
  }

  /** Whether a candidate that was throttled may be asked again once it reopens. */
  mayAskAgain({ id }: Candidate): boolean {
    const { retries, retryBudget, clock } = this.#context;
    const left = this.#all < retries.maxRetries && !this.#here.has(id);
    return left && retryBudget.has(clock.now());
  }

  /** Takes one out of the isolate's budget, for a candidate that is waited for. */
  reserve(): void {
    this.#context.retryBudget.spend(this.#context.clock.now());
  }

  /** What was reserved was not needed. */
  giveBack(): void {
    this.#context.retryBudget.giveBack(this.#context.clock.now());
  }

  count({ id }: Candidate): void {
    this.#here.set(id, (this.#here.get(id) ?? 0) + 1);
    this.#all += 1;
  }

  /** Waits and asks the candidate of a failed attempt again, by the probe that it holds where one is needed. */
  async again(failed: Started, retry: Retry, probe: HeldProbe | null): Promise<Waited> {
    const { circuits, clock } = this.#context;
    const { candidate } = failed;
    if (retry.holding ? probe === null : circuits.state(candidate, clock.now()) === "open") {
      this.giveBack();
      return null;
    }
    if (!(await pause(retry.afterMs, this.#context))) {
      if (probe !== null) circuits.release(probe);
      return "gone";
    }
    const started =
      probe === null
        ? beginAttempt({ candidate, skip: null }, failed.n + 1, this.#context)
        : beginHeld(failed, probe, this.#context);
    if (!started.granted) return null;
    this.count(candidate);
    return started;
  }
}

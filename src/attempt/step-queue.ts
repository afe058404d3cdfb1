import type { Skip } from "../contract/decision.ts";
import type { Plan, PlanStep, Tryable } from "../contract/plan.ts";
import type { Candidate } from "../contract/route.ts";

/** The candidates of a plan that are still to be tried. What is passed over is noted. */
export class StepQueue {
  readonly skipped: Skip[] = [];
  readonly #steps: PlanStep[];

  constructor({ steps }: Plan) {
    this.#steps = [...steps];
  }

  /** Takes the next step that the plan lets be tried; null when there is none left. */
  next(fits: (candidate: Candidate) => boolean = () => true): Tryable | null {
    for (;;) {
      const step = this.#steps.shift();
      if (step === undefined) return null;
      if (step.skip !== null) this.skipped.push(step.skip);
      else if (fits(step.candidate)) return step;
    }
  }
}

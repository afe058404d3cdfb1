import type { Skip } from "./decision.ts";
import type { Candidate } from "./route.ts";

/** The candidates of one request in the order to try, each eligible or skipped with its reason. */
export interface Plan {
  readonly steps: readonly PlanStep[];
}

/** A step that may be tried. */
export interface Tryable {
  readonly candidate: Candidate;
  readonly skip: null;
  /** Tried because nothing else is left; a probe then needs no lease of the fleet's. */
  readonly anyway?: true;
}

export type PlanStep = Tryable | { readonly candidate: Candidate; readonly skip: Skip };

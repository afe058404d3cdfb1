import type { Skip } from "./decision.ts";
import type { Candidate } from "./route.ts";

/** The candidates of one request in the order to try, each eligible or skipped with its reason. */
export interface Plan {
  readonly steps: readonly PlanStep[];
}

export type PlanStep =
  | { readonly candidate: Candidate; readonly skip: null }
  | { readonly candidate: Candidate; readonly skip: Skip };

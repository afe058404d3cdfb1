import type { Switchboard } from "../circuit/switchboard.ts";
import type { Random } from "../contract/edges.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { BreakerOptions, Candidate, RetryPolicy, Streaming } from "../contract/route.ts";
import type { HedgeBudget } from "./hedge-budget.ts";
import type { RequestContext } from "./make-attempt.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** What the loop over a plan needs. */
export interface RunContext extends RequestContext {
  readonly circuits: Switchboard;
  readonly breaker: BreakerOptions;
  readonly streaming: Streaming;
  readonly hedges: HedgeBudget;
  /** The decision's id. */
  readonly decision: string;
  /** When the request arrived, ms UTC. */
  readonly arrivedAt: number;
  readonly retries: RetryPolicy;
  readonly retryBudget: RetryBudget;
  readonly random: Random;
  /** Told what a candidate's provider said of its limits, where it said something. */
  readonly onLimits: (candidate: Candidate, reading: LimitReading) => void;
}

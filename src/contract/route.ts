import type { Provider } from "./provider.ts";

/** Durations of one attempt, and of the whole request (`totalMs`). Milliseconds. */
export interface Timeouts {
  readonly headersMs: number;
  readonly firstTokenMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** When a circuit opens and for how long. The first three are opossum's options by its names. */
export interface BreakerOptions {
  readonly errorThresholdPercentage: number;
  readonly volumeThreshold: number;
  readonly rollingCountTimeout: number;
  /** Failures in a row that open the circuit whatever the volume. */
  readonly consecutiveFailures: number;
  /** How long a circuit opened by its rate of failure stays open at first, ms; it doubles on repetition. */
  readonly openMs: number;
  /** The longest a circuit stays open by doubling, ms. */
  readonly maxOpenMs: number;
}

/** A configured account, ready to be called or known to be unusable. */
export type Account =
  | {
      readonly name: string;
      readonly kind: string;
      readonly local: boolean;
      readonly provider: Provider;
      readonly missing: null;
    }
  | {
      readonly name: string;
      readonly kind: string;
      readonly local: boolean;
      readonly provider: null;
      readonly missing: string;
    };

/** One thing that could serve a request. */
export interface Candidate {
  /** `provider/model`, as the operator wrote it. */
  readonly id: string;
  readonly account: Account;
  /** The model's name at the provider. */
  readonly model: string;
}

/** What an app asks for in `model`, resolved. */
export interface Route {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly timeouts: Timeouts;
  readonly breaker: BreakerOptions;
}

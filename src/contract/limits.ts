/** What a provider said, on its last answer, about what is left of our allowance. */
export interface LimitReading {
  /** When it was read, ms UTC. */
  readonly at: number;
  readonly dimensions: readonly LimitDimension[];
}

export type LimitUnit = "requests" | "tokens" | "input_tokens" | "output_tokens";
export type LimitWindow = "second" | "minute" | "hour" | "day" | "month" | "unknown";

export interface LimitDimension {
  readonly unit: LimitUnit;
  readonly window: LimitWindow;
  readonly limit: number | null;
  readonly remaining: number | null;
  /** When the allowance is full (or, where the provider says so, usable) again, ms UTC. */
  readonly resetAt: number | null;
}

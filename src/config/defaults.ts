import type { BreakerOptions, RetryPolicy, Timeouts } from "../contract/route.ts";

/** Suits hosted models: headers come late when a provider holds them until the first token. */
export const defaultTimeouts: Timeouts = {
  headersMs: 60_000,
  wholeMs: 300_000,
  firstTokenMs: 60_000,
  idleMs: 60_000,
  totalMs: 600_000,
  alive: "anything",
};

/** A model on the operator's own machine may have to be loaded first, and its headers wait for that. */
export const localTimeouts: Timeouts = {
  ...defaultTimeouts,
  headersMs: 120_000,
  firstTokenMs: 120_000,
};

export const defaultBreaker: BreakerOptions = {
  errorThresholdPercentage: 50,
  volumeThreshold: 10,
  rollingCountTimeout: 10_000,
  consecutiveFailures: 3,
  openMs: 10_000,
  // With one probe for the whole fleet asking again is cheap, and a recovery is not missed for long.
  maxOpenMs: 300_000,
};

export const defaultRetries: RetryPolicy = {
  maxAttempts: 4,
  maxRetries: 2,
  maxRetryWaitMs: 2_500,
  onLimit: "retry-short",
};

export const defaultBodyBytes = 20 * 1024 * 1024;

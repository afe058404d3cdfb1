import type { BreakerOptions, Timeouts } from "../contract/route.ts";

/** Suits hosted models: headers come late when a provider holds them until the first token. */
export const defaultTimeouts: Timeouts = {
  headersMs: 60_000,
  firstTokenMs: 60_000,
  idleMs: 60_000,
  totalMs: 600_000,
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

export const defaultBodyBytes = 20 * 1024 * 1024;

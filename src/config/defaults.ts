import type {
  BreakerOptions,
  Candidate,
  Fitting,
  RetryPolicy,
  Route,
  Timeouts,
} from "../contract/route.ts";

/** Suits hosted models: headers come late when a provider holds them until the first token. */
export const defaultTimeouts: Timeouts = {
  headersMs: 60_000,
  wholeMs: 300_000,
  firstTokenMs: 60_000,
  idleMs: 60_000,
  totalMs: 600_000,
  coldStartMs: 180_000,
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

export const defaultFitting: Fitting = {
  refused: new Set(),
  allowDegrade: false,
  maxPricePerRequest: null,
};

/** What a candidate has that its config says nothing more of. */
export const plainCandidate = {
  assistantPrefix: false,
  stated: {},
  ownPrice: false,
  weight: 1,
  lesser: false,
  seats: null,
} satisfies Partial<Candidate>;

/** How a route treats requests that its config says nothing more of. */
export const plainRoute = {
  order: "priority",
  fitting: defaultFitting,
} satisfies Partial<Route>;

/** How long requests wait for a place at a candidate that takes only so many, and how many wait. */
export const defaultSeats = { waiting: 16, waitMs: 2_000 };

export const defaultBodyBytes = 20 * 1024 * 1024;

import type { Provider } from "./provider.ts";

/** Durations of one attempt, and of the whole request (`totalMs`). Milliseconds. */
export interface Timeouts {
  /** Until the headers of a streamed answer. */
  readonly headersMs: number;
  /** Until the headers of an answer in one piece, which most providers send when it is finished. */
  readonly wholeMs: number;
  /** From the call to the first output of a stream; from the headers to the end of an answer in one piece. */
  readonly firstTokenMs: number;
  /** Between two signs of life of an answer that has begun. */
  readonly idleMs: number;
  readonly totalMs: number;
  /** What is a sign of life: whatever arrives (pings too), or output only (text, reasoning, tool calls). */
  readonly alive: "anything" | "output";
}

/**
 * How much of a stream is held back behind its first output before the app sees it: until so many
 * tokens or so many ms, whichever is first. Both 0: nothing. Both infinite: to its end.
 */
export interface Hold {
  readonly tokens: number;
  readonly ms: number;
}

/** What a route does with streams beyond passing them on. */
export interface Streaming {
  readonly hold: Hold;
  /** What happens to a stream that breaks off after its start: an error, or another candidate goes on from the text. */
  readonly onBreak: "error" | "continue";
  /** How often a comment is sent while an app waits for its stream to begin; null: never. */
  readonly keepAliveMs: number | null;
  /** When a second candidate is started beside one that has not begun to answer; null: never. */
  readonly hedgeAfterMs: number | null;
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

/** What a route does when candidates are throttled: go on at once, wait briefly for the same one, or wait for any. */
export type OnLimit = "failover" | "retry-short" | "wait";

/** How often and when a request asks again. */
export interface RetryPolicy {
  /** Upstream calls that one request may cost, retries included. */
  readonly maxAttempts: number;
  /** How many of them may ask a candidate a second time. */
  readonly maxRetries: number;
  /** The longest wait, as the provider states it, that the same candidate is worth. */
  readonly maxRetryWaitMs: number;
  readonly onLimit: OnLimit;
}

/** What the config says of a model; null is unknown, and unknown never means no. */
export interface ModelFacts {
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number | null;
  /** The most tokens that one request may have, by the account's limits. */
  readonly maxRequestTokens: number | null;
  readonly tools: boolean | null;
  readonly images: boolean | null;
  readonly jsonSchema: boolean | null;
}

/** One thing that could serve a request. */
export interface Candidate {
  /** `provider/model`, as the operator wrote it. */
  readonly id: string;
  readonly account: Account;
  /** The model's name at the provider. */
  readonly model: string;
  readonly timeouts: Timeouts;
  /** Whether it goes on from an assistant message that stands last. */
  readonly assistantPrefix: boolean;
  readonly facts: ModelFacts;
}

/** What an app asks for in `model`, resolved. */
export interface Route {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly timeouts: Timeouts;
  readonly breaker: BreakerOptions;
  readonly streaming: Streaming;
  readonly retries: RetryPolicy;
}

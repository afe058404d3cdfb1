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
  /** In place of the headers' and the first token's clock for a model that has to be loaded first. */
  readonly coldStartMs: number;
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

/** A price in dollars per million tokens, which is micro-dollars per token. */
export interface Rate {
  readonly base: number;
  /** Where a prompt of more than so many tokens costs another price, all of it. */
  readonly above: readonly { readonly tokens: number; readonly price: number }[];
}

/** What a model's tokens cost. Null where a sort of token has no price of its own. */
export interface Price {
  readonly input: Rate;
  readonly output: Rate;
  readonly cachedInput: Rate | null;
  readonly cacheWrite: Rate | null;
  readonly reasoning: Rate | null;
}

/** What is known of a model; null is unknown, and unknown never means no, nor free of charge. */
export interface ModelFacts {
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number | null;
  /** The most tokens that one request may have, by the account's limits. */
  readonly maxRequestTokens: number | null;
  /** The most tokens of one answer. */
  readonly maxOutput: number | null;
  readonly tools: boolean | null;
  readonly parallelTools: boolean | null;
  readonly images: boolean | null;
  readonly audio: boolean | null;
  readonly jsonSchema: boolean | null;
  /** Answers in JSON when asked to, without a schema. */
  readonly jsonMode: boolean | null;
  readonly reasoning: boolean | null;
  readonly price: Price | null;
}

/** In which order a route's candidates are tried. */
export type Order = "priority" | "cheapest" | "fastest" | "weighted" | "sticky";

/** Changes to a request that make it fit a candidate and leave its meaning; each is told. */
export type Adaptation =
  | "jsonSchema"
  | "maxTokens"
  | "sampling"
  | "developerRole"
  | "parallelToolCalls"
  | "reasoningEffort"
  | "toolCalls";

/** What a route does about candidates that cannot take a request as it is. */
export interface Fitting {
  /** Changes that are not wanted: a candidate that would need one is passed over. */
  readonly refused: ReadonlySet<Adaptation>;
  /** Whether tools and images may be left out where no candidate has them. */
  readonly allowDegrade: boolean;
  /** The most that a request may be expected to cost, dollars; null: no limit. */
  readonly maxPricePerRequest: number | null;
}

/** How many requests a candidate may have at once, and how long others wait for a place. */
export interface Seats {
  /** In the whole fleet. */
  readonly most: number;
  readonly waiting: number;
  readonly waitMs: number;
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
  /** What is known of the model without asking anybody. */
  readonly facts: ModelFacts;
  /** Of that, what the config says: it holds whatever anybody else says. */
  readonly stated: Partial<ModelFacts>;
  /** The config states the price: it holds whatever the answer calls its model. */
  readonly ownPrice: boolean;
  /** Its share where a route orders by weight. */
  readonly weight: number;
  /** A lesser answer by design: behind all that are not, in the order of the config. */
  readonly lesser: boolean;
  /** Null: as many requests at once as come. */
  readonly seats: Seats | null;
}

/** What an app asks for in `model`, resolved. */
export interface Route {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  readonly timeouts: Timeouts;
  readonly breaker: BreakerOptions;
  readonly streaming: Streaming;
  readonly retries: RetryPolicy;
  readonly order: Order;
  readonly fitting: Fitting;
}

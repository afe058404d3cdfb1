import type { ChatRequest } from "../contract/chat.ts";
import type { Clock, Fetch } from "../contract/edges.ts";
import type { Failure } from "../contract/failure.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Provider, ProviderAnswer } from "../contract/provider.ts";
import type { Timeouts } from "../contract/route.ts";
import type { FailureReader } from "../relay/frame.ts";
import { relayAnswer, type Reply } from "../relay/relay-answer.ts";
import { AttemptClocks } from "./clocks.ts";

/** What every attempt of a request needs. */
export interface RequestContext {
  readonly request: ChatRequest;
  readonly stream: boolean;
  /** The app did not ask for usage in its stream, so the chunk that carries it is not passed on. */
  readonly hideUsage: boolean;
  readonly errorFrame: (failure: Failure) => Uint8Array;
  readonly timeouts: Timeouts;
  readonly deadlineAt: number;
  /** The caller's; it ends when the caller leaves. */
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

export type AttemptResult = { readonly limits: LimitReading | null } & (
  | {
      readonly ok: true;
      readonly status: number;
      readonly reply: Reply;
      readonly adapted: readonly string[];
      readonly firstTokenAt: number;
    }
  | { readonly ok: false; readonly failure: Failure }
);

/** One call of one candidate, up to commit or failure. Every fault is a value. */
export async function makeAttempt(
  { provider, model }: { provider: Provider; model: string },
  context: RequestContext,
): Promise<AttemptResult> {
  const attempt = new Attempt(provider, context);
  const result = await attempt.make(model);
  if (!result.ok) attempt.abandon();
  else if (result.reply.form === "document") attempt.close();
  else void result.reply.ended.then(() => attempt.abandon());
  return result;
}

class Attempt {
  readonly #provider: Provider;
  readonly #context: RequestContext;
  readonly #abort = new AbortController();
  readonly #clocks: AttemptClocks;
  readonly #onCallerGone = (): void => this.#abort.abort(this.#context.signal.reason);

  constructor(provider: Provider, context: RequestContext) {
    this.#provider = provider;
    this.#context = context;
    const { clock, deadlineAt, signal } = context;
    this.#clocks = new AttemptClocks(clock, deadlineAt, () => this.#abort.abort());
    if (signal.aborted) this.#onCallerGone();
    else signal.addEventListener("abort", this.#onCallerGone);
  }

  async make(model: string): Promise<AttemptResult> {
    const { timeouts, clock } = this.#context;
    this.#clocks.start("headers", timeouts.headersMs);
    const answer = await this.#call(model);
    if (!answer.ok) {
      return { ok: false, failure: this.#explain(answer.failure), limits: answer.limits };
    }
    let firstTokenAt = clock.now();
    this.#clocks.start("first_token", timeouts.firstTokenMs);
    const relayed = await relayAnswer(answer.output, {
      stream: this.#context.stream,
      hideUsage: this.#context.hideUsage,
      errorFrame: this.#context.errorFrame,
      failures: this.#failureReader(answer),
      waiting: () => this.#clocks.waiting(),
      arrived: () => this.#clocks.arrived(),
      onFirstToken: () => {
        firstTokenAt = clock.now();
        this.#clocks.start("idle", timeouts.idleMs);
        this.#clocks.arrived();
      },
    });
    const { limits, status, adapted } = answer;
    if (!relayed.ok) return { ok: false, failure: this.#explain(relayed.failure), limits };
    return { ok: true, status, reply: relayed.reply, adapted, firstTokenAt, limits };
  }

  /** Ends the clocks; the call has ended by itself. */
  close(): void {
    this.#clocks.stop();
    this.#context.signal.removeEventListener("abort", this.#onCallerGone);
  }

  /** Ends the clocks, and the call where it is still going. */
  abandon(): void {
    this.close();
    this.#abort.abort();
  }

  /** The provider's call, given up at once when a clock runs out even if the adapter does not notice. */
  async #call(model: string): Promise<ProviderAnswer> {
    const { request, stream, fetch, clock } = this.#context;
    const { signal } = this.#abort;
    const call = this.#provider.call({ model, request, stream, signal, fetch, clock });
    const { promise: abandoned, resolve } = Promise.withResolvers<ProviderAnswer>();
    const giveUp = (): void =>
      resolve({ ok: false, failure: this.#networkFailure(signal.reason), limits: null });
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    const answer = await Promise.race([call, abandoned]);
    signal.removeEventListener("abort", giveUp);
    return answer;
  }

  #failureReader(answer: Extract<ProviderAnswer, { ok: true }>): FailureReader {
    const { status, headers } = answer;
    return {
      broken: (error) => this.#explain(this.#networkFailure(error)),
      said: (text, site) => {
        const now = this.#context.clock.now();
        return site === "body"
          ? this.#provider.classify({ site, status, headers, body: text, now })
          : this.#provider.classify({ site, status, headers, data: text, now });
      },
    };
  }

  #networkFailure(error: unknown): Failure {
    return this.#provider.classify({ site: "network", error, now: this.#context.clock.now() });
  }

  /** What ended an aborted call is known here, and not at the wire: a clock of ours, or the caller. */
  #explain(failure: Failure): Failure {
    const { runOut } = this.#clocks;
    if (runOut !== null) return this.#provider.classify({ site: "clock", ...runOut });
    return this.#context.signal.aborted ? callerGone : failure;
  }
}

const callerGone: Failure = {
  class: "cancelled",
  failsOver: false,
  verdict: "neutral",
  scope: "none",
  retryAfterMs: null,
  status: null,
  code: null,
  type: null,
  message: "the caller left",
  body: null,
  contentType: null,
};

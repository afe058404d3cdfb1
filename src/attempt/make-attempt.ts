import type { ChatRequest } from "../contract/chat.ts";
import type { Clock, Fetch, Wait } from "../contract/edges.ts";
import type { AttemptClock, Failure } from "../contract/failure.ts";
import type { LimitReading } from "../contract/limits.ts";
import type { Provider, ProviderAnswer } from "../contract/provider.ts";
import type { Adaptation, Hold, ModelFacts, Seats, Timeouts } from "../contract/route.ts";
import { estimateOf } from "../plan/estimate.ts";
import type { Fitted } from "../plan/fit-request.ts";
import type { FailureReader } from "../relay/frame.ts";
import { relayAnswer, type RelayOptions, type Reply } from "../relay/relay-answer.ts";
import { callerGone } from "./caller-gone.ts";
import { checkAgainst } from "./check-answer.ts";
import { ownFailure } from "./own-failure.ts";
import { AttemptClocks, type RunOut } from "./clocks.ts";
import { takeSeat, type SeatBoard } from "./seats.ts";

/** After its finish reason an answer is whole; its usage and its end are not waited for longer. */
const farewellMs = 3_000;
/** An attempt that had this much of its route's whole time, and did not end, has failed. */
const fairShare = 0.9;

/** What every attempt of a request needs. */
export interface RequestContext {
  readonly request: ChatRequest;
  readonly stream: boolean;
  /** The app did not ask for usage in its stream, so the chunk that carries it is not passed on. */
  readonly hideUsage: boolean;
  readonly errorFrame: (failure: Failure) => Uint8Array;
  /** How much of a stream is held back before the app sees any of it. */
  readonly hold: Hold;
  readonly deadlineAt: number;
  /** The caller's; it ends when the caller leaves. */
  readonly signal: AbortSignal;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly wait: Wait;
  /** Who sits where at candidates that take only so many requests at once. */
  readonly seats: SeatBoard;
}

/** What one attempt is made of. */
export interface Target {
  /** The candidate's id. */
  readonly candidate: string;
  readonly provider: Provider;
  readonly model: string;
  readonly facts: ModelFacts;
  /** The request as this candidate gets it. */
  readonly fitted: Fitted;
  readonly promptRatio: number;
  readonly refused: ReadonlySet<Adaptation>;
  readonly allowDegrade: boolean;
  readonly seats: Seats | null;
  readonly timeouts: Timeouts;
  /** The request's last message is the beginning of the answer. */
  readonly continuesLast?: boolean;
  /** Asked for the rest of a stream that breaks off; null where that is not wanted. */
  readonly carryOn: RelayOptions["carryOn"];
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
export function makeAttempt(target: Target, context: RequestContext): Promise<AttemptResult> {
  const { candidate, seats } = target;
  return seats === null
    ? attempted(target, context)
    : seated(target, { candidate, seats }, context);
}

async function seated(
  target: Target,
  wanted: { candidate: string; seats: Seats },
  context: RequestContext,
): Promise<AttemptResult> {
  const seat = await takeSeat(wanted, context);
  if (!seat.taken) return { ok: false, failure: seat.failure, limits: null };
  return attempted(target, context, () => seat.leave());
}

async function attempted(
  target: Target,
  context: RequestContext,
  leave?: () => void,
): Promise<AttemptResult> {
  const attempt = new Attempt(target, context);
  const end = (): void => {
    attempt.abandon();
    leave?.();
  };
  let result: AttemptResult;
  try {
    result = await attempt.make();
  } catch (error) {
    // It should not happen; if it does, no place may stay taken.
    end();
    throw error;
  }
  if (result.ok && result.reply.form === "stream") void result.reply.ended.then(end);
  else if (result.ok) {
    attempt.close();
    leave?.();
  } else end();
  return result;
}

class Attempt {
  readonly #target: Target;
  readonly #context: RequestContext;
  readonly #abort = new AbortController();
  readonly #clocks: AttemptClocks;
  /** Ends the waiting for the provider's call, if that has not ended by itself. */
  #giveUp: (() => void) | null = null;

  constructor(target: Target, context: RequestContext) {
    this.#target = target;
    this.#context = context;
    const { clock, deadlineAt, signal } = context;
    const shortestMs = shortestOf(target.timeouts);
    this.#clocks = new AttemptClocks(clock, { deadlineAt, shortestMs }, () => this.#stop());
    if (signal.aborted) this.#stop(signal.reason);
    // It stays when the attempt has ended: by then there is nothing left to stop, and it goes with the request.
    else signal.addEventListener("abort", () => this.#stop(signal.reason));
  }

  async make(): Promise<AttemptResult> {
    const { clock } = this.#context;
    const { timeouts } = this.#target;
    this.#startClocks();
    const answer = await this.#call();
    if (!answer.ok) {
      return { ok: false, failure: this.#explain(answer.failure), limits: answer.limits };
    }
    let firstTokenAt = clock.now();
    this.#clocks.start("first_token", this.#firstTokenMs());
    const relayed = await relayAnswer(answer.output, {
      ...this.#relayOptions(answer),
      onFirstToken: () => {
        firstTokenAt = clock.now();
        this.#clocks.start("idle", timeouts.idleMs);
        this.#clocks.arrived(true);
      },
    });
    const { limits, status } = answer;
    const adapted = [...this.#target.fitted.adapted, ...answer.adapted];
    if (!relayed.ok) return { ok: false, failure: this.#explain(relayed.failure), limits };
    return { ok: true, status, reply: relayed.reply, adapted, firstTokenAt, limits };
  }

  /** Some providers send a stream's headers with its first token: then that one's clock may be the shorter. */
  #startClocks(): void {
    const { headersMs, wholeMs, firstTokenMs } = this.#target.timeouts;
    if (!this.#context.stream) this.#clocks.start("headers", wholeMs);
    else if (firstTokenMs < headersMs) this.#clocks.start("first_token", firstTokenMs);
    else this.#clocks.start("headers", headersMs);
  }

  /** What is left until a stream's first token is due; an answer in one piece has all of it for its body. */
  #firstTokenMs(): number {
    const { firstTokenMs } = this.#target.timeouts;
    if (!this.#context.stream) return firstTokenMs;
    return Math.max(0, firstTokenMs - (this.#context.clock.now() - this.#clocks.startedAt));
  }

  #relayOptions(answer: Extract<ProviderAnswer, { ok: true }>): Omit<RelayOptions, "onFirstToken"> {
    const { stream, hideUsage, errorFrame, hold } = this.#context;
    const { timeouts, carryOn, fitted } = this.#target;
    const strict = timeouts.alive === "output";
    const { n } = fitted.request;
    const choices = typeof n === "number" ? n : 1;
    return {
      choices,
      stream,
      hideUsage,
      errorFrame,
      hold,
      carryOn,
      // Which choice has ended, and what is but a ping, is only known by reading every event.
      readAll: strict || choices !== 1,
      check: fitted.mustMatch === null ? null : checkAgainst(fitted.mustMatch),
      failures: this.#failureReader(answer),
      pause: (ms) => this.#pause(ms),
      waiting: () => this.#clocks.waiting(),
      arrived: (alive) => this.#clocks.arrived(alive || !strict),
      onFinish: () => this.#clocks.start("idle", Math.min(farewellMs, timeouts.idleMs)),
    };
  }

  /** False when the attempt has ended: a dead stream must not be taken for one that was held long enough. */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#abort;
    try {
      await this.#context.wait(ms, signal);
    } catch {
      // Whoever waits finds out from the stream, which has ended too.
      return false;
    }
    return !signal.aborted;
  }

  /** Ends the clocks; the call has ended by itself. */
  close(): void {
    this.#clocks.stop();
  }

  /** Ends the clocks, and the call where it is still going. */
  abandon(): void {
    this.close();
    this.#abort.abort();
  }

  #stop(reason?: unknown): void {
    this.#abort.abort(reason);
    this.#giveUp?.();
  }

  /** The provider's call, given up at once when a clock runs out even if the adapter does not notice. */
  #call(): Promise<ProviderAnswer> {
    const { stream, fetch, clock } = this.#context;
    const { provider, model, continuesLast = false, fitted, facts } = this.#target;
    const { promptRatio, refused, allowDegrade } = this.#target;
    const { signal } = this.#abort;
    const { request } = fitted;
    const promptTokens = (): number => estimateOf(request).tokens.input * promptRatio;
    const route = { refused, allowDegrade };
    const asked = { model, request, stream, continuesLast, facts, promptTokens, ...route };
    return new Promise((resolve) => {
      this.#giveUp = () => resolve(this.#abandoned());
      provider.call({ ...asked, signal, fetch, clock }).then(resolve, () => resolve(adapterFailed));
      if (signal.aborted) this.#giveUp();
    });
  }

  #abandoned(): ProviderAnswer {
    return { ok: false, failure: this.#networkFailure(this.#abort.signal.reason), limits: null };
  }

  #failureReader(answer: Extract<ProviderAnswer, { ok: true }>): FailureReader {
    const { status, headers } = answer;
    return {
      saysError: (value) => this.#target.provider.saysError(value),
      broken: (error) => this.#explain(this.#networkFailure(error)),
      said: (text, site) => {
        const now = this.#context.clock.now();
        return site === "body"
          ? this.#target.provider.classify({ site, status, headers, body: text, now })
          : this.#target.provider.classify({ site, status, headers, data: text, now });
      },
    };
  }

  #networkFailure(error: unknown): Failure {
    return this.#target.provider.classify({
      site: "network",
      error,
      now: this.#context.clock.now(),
    });
  }

  /** What ended an aborted call is known here, and not at the wire: a clock of ours, or the caller. */
  #explain(failure: Failure): Failure {
    const { runOut } = this.#clocks;
    if (runOut !== null) return this.#timedOut(runOut);
    return this.#context.signal.aborted ? callerGone : failure;
  }

  #timedOut(runOut: RunOut): Failure {
    const failure = this.#target.provider.classify({ site: "clock", ...runOut });
    const message = `${missing[runOut.clock]} within ${runOut.afterMs} ms`;
    const told = { ...failure, code: `${runOut.clock}_timeout`, message };
    return this.#hadItsTime(runOut) ? told : { ...told, verdict: "neutral", scope: "none" };
  }

  /**
   * A deadline that a caller has shortened, or that earlier attempts have used up, says nothing about
   * the provider: one app must not be able to open a circuit for all.
   */
  #hadItsTime({ clock, afterMs }: RunOut): boolean {
    return clock !== "total" || afterMs >= this.#target.timeouts.totalMs * fairShare;
  }
}

function shortestOf({ headersMs, wholeMs, firstTokenMs, idleMs }: Timeouts): number {
  return Math.min(headersMs, wholeMs, firstTokenMs, idleMs);
}

const missing: Readonly<Record<AttemptClock, string>> = {
  headers: "no answer",
  first_token: "no output",
  idle: "nothing more of the answer",
  total: "no whole answer",
};

/** An adapter that throws has met a request it cannot translate: another may, and nobody is down. */
const adapterFailed: ProviderAnswer = {
  ok: false,
  failure: ownFailure({
    class: "unknown",
    failsOver: true,
    message: "the request could not be put into the provider's dialect",
  }),
  limits: null,
};

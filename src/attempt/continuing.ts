import { estimateTokenCount } from "tokenx";
import type { ChatRequest } from "../contract/chat.ts";
import type { AttemptRecord } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import type { Candidate } from "../contract/route.ts";
import { fitRequest } from "../plan/fit-request.ts";
import type { Continuation } from "../relay/stream-answer.ts";
import { beginAttempt, settleFailure, type Started } from "./begin-attempt.ts";
import { makeAttempt } from "./make-attempt.ts";
import type { RunContext } from "./run-context.ts";
import { settleBreak, settleCommit, type Running } from "./settle.ts";
import type { StepQueue } from "./step-queue.ts";

/**
 * Has the rest of an answer told by the next candidate that goes on from an assistant message, when
 * a stream of text breaks off after its start. The app sees one stream.
 */
export class Continuing {
  /** The attempts that broke off, or failed to go on, in their order. */
  readonly broken: AttemptRecord[] = [];
  readonly #context: RunContext;
  readonly #queue: StepQueue;
  #current: Running | null = null;
  #by: string | null = null;
  #text = "";
  #searching: Promise<unknown> | null = null;

  constructor(queue: StepQueue, context: RunContext) {
    this.#queue = queue;
    this.#context = context;
  }

  /** Whether a request may be carried on at all: one choice, and no form that a second model could break. */
  static wanted({ streaming, stream, request }: RunContext): boolean {
    if (streaming.onBreak !== "continue" || !stream || (request["n"] ?? 1) !== 1) return false;
    return (request.response_format?.type ?? "text") === "text";
  }

  /** The attempt whose stream the app reads now; null when one broke off and nobody went on. */
  get current(): Running | null {
    return this.#current;
  }

  get by(): string | null {
    return this.#by;
  }

  begun(running: Running): void {
    this.#current = running;
  }

  readonly carryOn = (text: string, failure: Failure): Promise<Continuation | null> => {
    const search = this.#search(text, failure);
    this.#searching = search;
    return search;
  };

  /** Ends when nobody is being looked for any more; then `current` and `broken` are settled. */
  readonly searched = async (): Promise<void> => {
    await this.#searching;
  };

  async #search(text: string, failure: Failure): Promise<Continuation | null> {
    const { current } = this;
    if (current === null) return null;
    this.#current = null;
    this.#text += text;
    this.broken.push(settleBreak(current, failure, this.#context));
    if (!failure.failsOver) return null;
    for (;;) {
      const started = this.#next(current.started.n + this.broken.length);
      if (started === null) return null;
      const result = await this.#attempt(started);
      if (result !== null) return result;
    }
  }

  #next(n: number): Started | null {
    const { clock, deadlineAt, retries, signal } = this.#context;
    for (;;) {
      if (signal.aborted || n > retries.maxAttempts || clock.now() >= deadlineAt) return null;
      const step = this.#queue.next(({ assistantPrefix }) => assistantPrefix);
      if (step === null) return null;
      const started = beginAttempt(step, n, this.#context);
      if (started.granted) return started;
    }
  }

  async #attempt(started: Started): Promise<Continuation | null> {
    const request = goingOn(this.#context.request, this.#text);
    const { fitting } = this.#context;
    const fitted = fitRequest(request, started.target.facts, fitting);
    const target = { ...started.target, fitted, continuesLast: true, carryOn: this.carryOn };
    // What has been shown cannot be taken back, so there is nothing to hold for.
    const context = { ...this.#context, request, hold: { tokens: 0, ms: 0 } };
    const result = await makeAttempt(target, context);
    if (result.limits !== null) this.#context.onLimits(started.candidate, result.limits);
    if (result.ok && result.reply.form === "stream") {
      const counted = settleCommit(started, this.#context);
      return this.#goOn({ started, ...result, counted }, result.reply);
    }
    if (!result.ok) this.broken.push(settleFailure(started, result.failure, this.#context));
    return null;
  }

  #goOn(running: Running, { body, ended }: Pick<Continuation, "body" | "ended">): Continuation {
    const { candidate } = running.started;
    this.#current = running;
    this.#by = candidate.id;
    return { note: note(candidate), body, ended };
  }
}

const encoder = new TextEncoder();

/** A comment of the event stream; a name from a config may hold anything but may not end the line. */
function note({ id }: Candidate): Uint8Array {
  return encoder.encode(`: lifeboat: ${id.replaceAll(/[\r\n]/g, " ")} goes on from here\n\n`);
}

/** The request with the answer so far behind it, and what is left of the tokens it may cost. */
function goingOn(request: ChatRequest, text: string): ChatRequest {
  const spent = estimateTokenCount(text);
  const left = (most: number | null | undefined): number | null | undefined =>
    typeof most === "number" ? Math.max(1, most - spent) : most;
  const { max_tokens, max_completion_tokens } = request;
  return {
    ...request,
    messages: [...request.messages, { role: "assistant", content: text }],
    ...(max_tokens !== undefined && { max_tokens: left(max_tokens) ?? null }),
    ...(max_completion_tokens !== undefined && {
      max_completion_tokens: left(max_completion_tokens) ?? null,
    }),
  };
}

import type { Usage } from "../contract/chat.ts";
import type { Delivered } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import { passable, type GateOptions, type GateResult } from "./commit-gate.ts";
import { doneFrame } from "./event-source.ts";
import { speaks, type Frame, type ReadDepth } from "./frame.ts";
import { deliveredOf, isWhole, type Tally } from "./tally.ts";

/** How an answer ended after commit. */
export type Ending = {
  readonly usage: Usage | null;
  readonly delivered: Delivered;
  /** Events that could not be read and were left out. */
  readonly malformed: number;
} & (
  | { readonly how: "complete" }
  | { readonly how: "truncated"; readonly failure: Failure }
  | { readonly how: "cancelled" }
);

export interface StreamOptions extends GateOptions {
  /** The app's dialect for an error in mid-stream. */
  readonly errorFrame: (failure: Failure) => Uint8Array;
  /** Every event is parsed, where something needs to know what each says. */
  readonly readAll: boolean;
  /**
   * Asked when a stream breaks off after nothing but text: the rest of the answer from elsewhere,
   * or null. Never rejects.
   */
  readonly carryOn: ((text: string, failure: Failure) => Promise<Continuation | null>) | null;
}

export interface Continuation {
  /** A comment that says who goes on; comments are no events to an app. */
  readonly note: Uint8Array;
  readonly body: ReadableStream<Uint8Array>;
  readonly ended: Promise<Ending>;
}

export interface AnswerStream {
  readonly body: ReadableStream<Uint8Array>;
  /** Resolves once, when the last byte is on its way or the app has gone; never rejects. */
  readonly ended: Promise<Ending>;
}

/**
 * Streams a committed answer: what was held, then what comes, read only as fast as the app takes
 * it. A break is told by an error frame, and never by a clean end.
 */
export function streamAnswer(
  gate: Extract<GateResult, { committed: true }>,
  tally: Tally,
  options: StreamOptions,
): AnswerStream {
  const answer = new AnswerBody(gate, tally, options);
  const body = new ReadableStream<Uint8Array>(answer, { highWaterMark: 0 });
  return { body, ended: answer.ended };
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class AnswerBody implements UnderlyingSource<Uint8Array> {
  readonly #gate: Extract<GateResult, { committed: true }>;
  readonly #tally: Tally;
  readonly #options: StreamOptions;
  readonly #depth: ReadDepth;
  readonly #ended = Promise.withResolvers<Ending>();
  #rest: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #left = false;

  constructor(
    gate: Extract<GateResult, { committed: true }>,
    tally: Tally,
    options: StreamOptions,
  ) {
    this.#gate = gate;
    this.#tally = tally;
    this.#options = options;
    this.#depth = options.readAll || options.carryOn !== null ? "read" : "skim";
  }

  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  start(controller: Controller): void {
    for (const bytes of this.#gate.held) controller.enqueue(bytes);
  }

  async pull(controller: Controller): Promise<void> {
    if (this.#rest !== null) return passRest(this.#rest, controller);
    const piece = this.#tally.done ? null : await this.#nextPiece();
    if (this.#left) return;
    if (piece?.bytes !== undefined) controller.enqueue(piece.bytes);
    if (piece !== null && piece.failure === null && !this.#tally.done) return;
    this.#gate.source.cancel();
    const failure = this.#endFailure(piece?.failure ?? null);
    if (failure === null) this.#complete(controller);
    else await this.#break(controller, failure);
  }

  cancel(reason: unknown): void {
    this.#left = true;
    this.#gate.source.cancel();
    this.#rest?.cancel(reason).catch(() => undefined);
    this.#ended.resolve({ how: "cancelled", ...this.#told() });
  }

  /** The caller left, and the upstream's end was noticed before the app's. */
  #leave(controller: Controller): void {
    this.#ended.resolve({ how: "cancelled", ...this.#told() });
    controller.close();
  }

  #told(): Pick<Ending, "usage" | "delivered" | "malformed"> {
    const { usage, malformed } = this.#tally;
    return { usage, malformed, delivered: deliveredOf(this.#tally) };
  }

  /** An upstream that broke off after its finish reason only forgot its last line; before it, it broke. */
  #endFailure(failure: Failure | null): Failure | null {
    if (isWhole(this.#tally) || (failure === null && this.#tally.done)) return null;
    return failure ?? this.#options.failures.said("", "stream");
  }

  #complete(controller: Controller): void {
    if (!this.#tally.done) controller.enqueue(doneFrame);
    this.#ended.resolve({ how: "complete", ...this.#told() });
    controller.close();
  }

  async #break(controller: Controller, failure: Failure): Promise<void> {
    if (failure.class === "cancelled") return this.#leave(controller);
    const rest = await this.#carriedOn(failure);
    if (this.#left) {
      await rest?.body.cancel().catch(() => undefined);
    } else if (rest === null) {
      controller.enqueue(this.#options.errorFrame(failure));
      this.#ended.resolve({ how: "truncated", failure, ...this.#told() });
      controller.close();
    } else {
      this.#rest = rest.body.getReader();
      this.#ended.resolve(rest.ended.then((ending) => joined(this.#told(), ending)));
      controller.enqueue(rest.note);
    }
  }

  async #carriedOn(failure: Failure): Promise<Continuation | null> {
    const { text } = this.#gate.spoken;
    if (this.#options.carryOn === null || text === null) return null;
    return this.#options.carryOn(text, failure);
  }

  /** The next bytes for the app; null at the upstream's end. Reads on over pieces that hold nothing to pass. */
  async #nextPiece(): Promise<Piece | null> {
    const { waiting, arrived } = this.#options;
    for (;;) {
      waiting();
      const frames = await this.#gate.source.next(this.#depth);
      arrived(frames?.some(speaks) ?? false);
      if (frames === null) return null;
      const piece = this.#assemble(frames);
      if (piece.bytes !== undefined || piece.failure !== null || this.#tally.done) return piece;
    }
  }

  #assemble(frames: readonly Frame[]): Piece {
    const parts: Uint8Array[] = [];
    const wasWhole = isWhole(this.#tally);
    let failure: Failure | null = null;
    for (const frame of frames) {
      if (frame.type === "failure") {
        failure = frame.failure;
        break;
      }
      const bytes = passable(frame, this.#tally, this.#options.hideUsage);
      if (bytes !== null) parts.push(bytes);
      if (frame.type === "chunk" && frame.chunk !== null && this.#options.carryOn !== null) {
        this.#gate.spoken.add(frame.chunk);
      }
      if (this.#tally.done) break;
    }
    if (!wasWhole && isWhole(this.#tally)) this.#options.onFinish();
    return parts.length === 0 ? { failure } : { bytes: join(parts), failure };
  }
}

interface Piece {
  readonly bytes?: Uint8Array;
  readonly failure: Failure | null;
}

async function passRest(
  rest: ReadableStreamDefaultReader<Uint8Array>,
  controller: Controller,
): Promise<void> {
  const { done, value } = await rest.read();
  if (done) controller.close();
  else controller.enqueue(value);
}

/** How an answer of two parts ended: as its second part did, with what both delivered. */
function joined(first: Pick<Ending, "delivered" | "malformed">, last: Ending): Ending {
  const delivered = {
    events: first.delivered.events + last.delivered.events,
    bytes: first.delivered.bytes + last.delivered.bytes,
  };
  return { ...last, delivered, malformed: first.malformed + last.malformed };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const joinedParts = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joinedParts.set(part, offset);
    offset += part.length;
  }
  return joinedParts;
}

import type { Usage } from "../contract/chat.ts";
import type { Failure } from "../contract/failure.ts";
import { passable } from "./commit-gate.ts";
import { doneFrame } from "./event-source.ts";
import type { FailureReader, Frame, FrameSource } from "./frame.ts";
import type { Tally } from "./tally.ts";

/** How an answer ended after commit. */
export type Ending =
  | { readonly how: "complete"; readonly usage: Usage | null }
  | { readonly how: "truncated"; readonly usage: Usage | null; readonly failure: Failure }
  | { readonly how: "cancelled"; readonly usage: Usage | null };

export interface StreamOptions {
  readonly failures: FailureReader;
  readonly hideUsage: boolean;
  /** The app's dialect for an error in mid-stream. */
  readonly errorFrame: (failure: Failure) => Uint8Array;
  /** Told around each read, so that a slow app is not taken for a stalled upstream. */
  readonly waiting: () => void;
  readonly arrived: () => void;
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
  source: FrameSource,
  { held, tally }: { held: readonly Uint8Array[]; tally: Tally },
  options: StreamOptions,
): AnswerStream {
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  const finish = (how: "complete" | "cancelled"): void => resolve({ how, usage: tally.usage });

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        for (const bytes of held) controller.enqueue(bytes);
      },
      async pull(controller) {
        const piece = tally.done ? null : await nextPiece(source, { tally, options });
        if (piece?.bytes !== undefined) controller.enqueue(piece.bytes);
        if (piece !== null && piece.failure === null && !tally.done) return;
        const failure = piece === null ? endFailure(tally, options.failures) : piece.failure;
        source.cancel();
        if (failure !== null) {
          controller.enqueue(options.errorFrame(failure));
          resolve({ how: "truncated", usage: tally.usage, failure });
        } else {
          if (!tally.done) controller.enqueue(doneFrame);
          finish("complete");
        }
        controller.close();
      },
      cancel() {
        source.cancel();
        finish("cancelled");
      },
    },
    { highWaterMark: 0 },
  );
  return { body, ended };
}

interface Piece {
  readonly bytes?: Uint8Array;
  readonly failure: Failure | null;
}

/** The next bytes for the app; null at the upstream's end. Reads on over pieces that hold nothing to pass. */
async function nextPiece(
  source: FrameSource,
  { tally, options }: { tally: Tally; options: StreamOptions },
): Promise<Piece | null> {
  for (;;) {
    options.waiting();
    const frames = await source.next("skim");
    options.arrived();
    if (frames === null) return null;
    const piece = assemble(frames, tally, options.hideUsage);
    if (piece.bytes !== undefined || piece.failure !== null || tally.done) return piece;
  }
}

function assemble(frames: readonly Frame[], tally: Tally, hideUsage: boolean): Piece {
  const parts: Uint8Array[] = [];
  let failure: Failure | null = null;
  for (const frame of frames) {
    if (frame.type === "failure") {
      failure = frame.failure;
      break;
    }
    const bytes = passable(frame, { tally, hideUsage });
    if (bytes !== null) parts.push(bytes);
    if (tally.done) break;
  }
  return parts.length === 0 ? { failure } : { bytes: join(parts), failure };
}

/** An upstream that closed after its finish reason only forgot its last line; before it, it broke. */
function endFailure(tally: Tally, failures: FailureReader): Failure | null {
  return tally.finished || tally.done ? null : failures.said("", "stream");
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

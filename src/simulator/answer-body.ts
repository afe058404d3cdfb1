import { type Piece, piecesOf } from "./chunks.ts";
import type { Completion } from "./completion.ts";
import { pacedBody, type Pacing, type TimedPart } from "./paced-body.ts";

/** How an answer is sent. */
export interface BodySpec {
  readonly stream: boolean;
  readonly withUsage: boolean;
  readonly firstTokenMs: number;
  /** null: all at once. */
  readonly tokensPerSecond: number | null;
  /** What goes wrong while it is sent. */
  readonly damage: "cut" | "garbage" | null;
}

export interface AnswerBody {
  readonly body: string | ReadableStream<Uint8Array>;
  readonly contentType: string;
}

type Arrived = Pacing & { readonly arrivedAt: number };

/**
 * The body of a successful answer. A stream's headers come at once and its output token by token; a
 * document comes whole, headers and all, after the time that its tokens take.
 */
export async function answerBody(
  completion: Completion,
  spec: BodySpec,
  arrived: Arrived,
): Promise<AnswerBody> {
  if (spec.stream) return { body: streamed(completion, spec, arrived), contentType: eventStream };
  const { clock, wait, signal, arrivedAt } = arrived;
  const wholeMs = timeOf(completion.usage.completion_tokens, spec);
  const left = arrivedAt + wholeMs - clock.now();
  if (left > 0) await wait(left, signal);
  return { body: whole(completion, spec, arrived), contentType: "application/json" };
}

const eventStream = "text/event-stream; charset=utf-8";

/** What a proxy's words look like where a document should be. */
const noJson = "upstream connect error or disconnect/reset before headers. reset reason: overflow";

function whole(completion: Completion, spec: BodySpec, arrived: Arrived) {
  if (spec.damage === "garbage") return noJson;
  const text = JSON.stringify(completion, null, 2);
  if (spec.damage === null) return text;
  const part = { text: text.slice(0, Math.floor(text.length / 2)), afterMs: 0 };
  return pacedBody([part], { ...arrived, startedAt: arrived.arrivedAt, breaks: true });
}

function streamed(completion: Completion, spec: BodySpec, arrived: Arrived) {
  const pieces = damaged(piecesOf(completion, spec.withUsage), spec.damage);
  return pacedBody(timed(pieces, spec), {
    ...arrived,
    startedAt: arrived.arrivedAt,
    breaks: spec.damage === "cut",
  });
}

/** `cut` stops half-way through the output; `garbage` stops making sense after the role. */
function damaged(pieces: readonly Piece[], damage: BodySpec["damage"]): readonly Piece[] {
  if (damage === null) return pieces;
  if (damage === "garbage") {
    const [role, second] = pieces;
    if (role === undefined || second === undefined) return pieces;
    return [role, { data: second.data.slice(0, second.data.length / 2), token: 0 }];
  }
  const outputs = pieces.filter(({ token }) => token !== null).length;
  const kept = Math.max(1, Math.floor(outputs / 2));
  return pieces.slice(0, pieces.findIndex(({ token }) => token === kept - 1) + 1);
}

/** Output waits for its tokens' time; what carries none follows what was before it. */
function timed(pieces: readonly Piece[], spec: BodySpec): readonly TimedPart[] {
  let afterMs = 0;
  return pieces.map(({ data, token }) => {
    if (token !== null) afterMs = timeOf(token, spec);
    return { text: `data: ${data}\n\n`, afterMs };
  });
}

/** When so many tokens have been written, ms after the request. */
function timeOf(tokens: number, { firstTokenMs, tokensPerSecond }: BodySpec): number {
  return firstTokenMs + (tokensPerSecond === null ? 0 : (tokens * 1000) / tokensPerSecond);
}

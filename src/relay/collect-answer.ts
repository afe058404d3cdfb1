import type {
  ChatChunk,
  ChatCompletion,
  Delta,
  ToolCall,
  ToolCallDelta,
  Usage,
} from "../contract/chat.ts";
import type { Failure } from "../contract/failure.ts";
import type { GateOptions } from "./commit-gate.ts";
import { isFilled, isMeaningful, speaks, type Frame, type FrameSource } from "./frame.ts";
import { count, isWhole, newTally, type Tally } from "./tally.ts";

interface ChoiceParts {
  content: string[];
  reasoning: string[];
  refusal: string[];
  readonly toolCalls: Map<number, { id: string; name: string; arguments: string[] }>;
  /** The probability of each token, as far as they were told. */
  readonly logprobs: unknown[];
  finish: string | null;
}

export type Collected =
  | {
      readonly whole: true;
      readonly completion: ChatCompletion;
      readonly usage: Usage | null;
      readonly malformed: number;
    }
  | { readonly whole: false; readonly failure: Failure };

type CollectOptions = Pick<
  GateOptions,
  "failures" | "choices" | "onFirstToken" | "onFinish" | "waiting" | "arrived"
>;

/**
 * Reads a stream to its end and puts the whole answer together, for an app that did not ask for a
 * stream. A stream that breaks before its finish reason is a failure: nothing has been sent yet.
 */
export async function collectAnswer(
  source: FrameSource,
  options: CollectOptions,
): Promise<Collected> {
  const answer = new PartialAnswer(options.choices);
  let failure: Failure | null = null;
  while (!answer.tally.done && failure === null) {
    const frames = await nextFrames(source, answer.spoken, options);
    if (frames === null) break;
    failure = take(frames, answer, options);
  }
  source.cancel();
  // Behind the last finish reason there is nothing left to miss.
  const completion = failure === null || answer.whole ? answer.complete() : null;
  if (completion === null) {
    return { whole: false, failure: failure ?? options.failures.said("", "stream") };
  }
  const { usage, malformed } = answer.tally;
  return { whole: true, completion, usage, malformed };
}

async function nextFrames(
  source: FrameSource,
  spoken: boolean,
  { waiting, arrived }: CollectOptions,
): Promise<readonly Frame[] | null> {
  if (!spoken) return source.next("read");
  waiting();
  const frames = await source.next("read");
  arrived(frames?.some(speaks) ?? false);
  return frames;
}

/** Adds frames to the answer and moves its clocks on; gives the failure among them, if there is one. */
function take(
  frames: readonly Frame[],
  answer: PartialAnswer,
  { onFirstToken, onFinish }: CollectOptions,
): Failure | null {
  const { spoken, whole } = answer;
  const failure = answer.add(frames);
  if (answer.spoken && !spoken) onFirstToken();
  if (answer.whole && !whole) onFinish();
  return failure;
}

/** What has come of an answer so far. */
class PartialAnswer {
  readonly tally: Tally;
  readonly #choices = new Map<number, ChoiceParts>();
  #first: ChatChunk | null = null;
  #spoken = false;

  constructor(choices: number) {
    this.tally = newTally(choices);
  }

  get spoken(): boolean {
    return this.#spoken;
  }

  get whole(): boolean {
    return isWhole(this.tally);
  }

  /** Takes frames in; gives the failure among them, if there is one. */
  add(frames: readonly Frame[]): Failure | null {
    for (const frame of frames) {
      if (frame.type === "failure") return frame.failure;
      if (frame.type === "done") this.tally.done = true;
      if (frame.type === "malformed") this.tally.malformed += 1;
      if (frame.type === "chunk" && frame.chunk !== null) this.#addChunk(frame.chunk);
    }
    return null;
  }

  /** The whole answer; null when neither its finish reasons nor [DONE] have come. */
  complete(): ChatCompletion | null {
    const ended = this.whole || (this.tally.done && this.#spoken);
    if (this.#first === null || !ended) return null;
    return assemble(this.#first, this.#choices, this.tally);
  }

  #addChunk(chunk: ChatChunk): void {
    this.#first ??= chunk;
    this.#spoken ||= isMeaningful(chunk);
    count(this.tally, chunk);
    addChunk(this.#choices, chunk);
  }
}

function addChunk(choices: Map<number, ChoiceParts>, chunk: ChatChunk): void {
  for (const { index, delta, finish_reason, logprobs } of chunk.choices) {
    const parts = choices.get(index) ?? newParts();
    choices.set(index, parts);
    addDelta(parts, delta);
    parts.logprobs.push(...tokensIn(logprobs));
    if (isFilled(finish_reason)) parts.finish = finish_reason;
  }
}

function newParts(): ChoiceParts {
  const texts = { content: [], reasoning: [], refusal: [] };
  return { ...texts, toolCalls: new Map(), logprobs: [], finish: null };
}

/** Source: https://platform.openai.com/docs/api-reference/chat-streaming/streaming#choices-logprobs */
function tokensIn(logprobs: unknown): readonly unknown[] {
  if (typeof logprobs !== "object" || logprobs === null || !("content" in logprobs)) return [];
  return Array.isArray(logprobs.content) ? logprobs.content : [];
}

function addDelta(parts: ChoiceParts, delta: Delta): void {
  if (typeof delta.content === "string") parts.content.push(delta.content);
  if (typeof delta.refusal === "string") parts.refusal.push(delta.refusal);
  const reasoning = delta.reasoning_content ?? delta.reasoning;
  if (typeof reasoning === "string") parts.reasoning.push(reasoning);
  for (const piece of delta.tool_calls ?? []) addToolCall(parts, piece);
}

function addToolCall({ toolCalls }: ChoiceParts, piece: ToolCallDelta): void {
  const place = placeOf(piece, toolCalls);
  const call = toolCalls.get(place) ?? { id: "", name: "", arguments: [] };
  toolCalls.set(place, call);
  call.id = piece.id ?? call.id;
  call.name += piece.function?.name ?? "";
  call.arguments.push(piece.function?.arguments ?? "");
}

/** Some servers do not number their calls: then a new id begins one, or a name where there are no ids. */
function placeOf(
  { index, id, function: called }: Partial<ToolCallDelta>,
  calls: ChoiceParts["toolCalls"],
): number {
  if (typeof index === "number") return index;
  if (isFilled(id)) {
    const known = [...calls].find(([, call]) => call.id === id);
    return known?.[0] ?? calls.size;
  }
  return isFilled(called?.name) ? calls.size : Math.max(0, calls.size - 1);
}

function assemble(
  first: ChatChunk,
  choices: ReadonlyMap<number, ChoiceParts>,
  { usage, model }: { usage: Usage | null; model: string | null },
): ChatCompletion {
  return {
    id: first.id,
    object: "chat.completion",
    created: first.created,
    model: model ?? first.model,
    choices: [...choices]
      .sort(([a], [b]) => a - b)
      .map(([index, parts]) => ({
        index,
        message: messageOf(parts),
        logprobs: parts.logprobs.length > 0 ? { content: parts.logprobs, refusal: null } : null,
        finish_reason: parts.finish ?? "stop",
      })),
    ...(usage !== null && { usage }),
  };
}

function messageOf(parts: ChoiceParts): ChatCompletion["choices"][number]["message"] {
  const toolCalls = [...parts.toolCalls]
    .sort(([a], [b]) => a - b)
    .map(([, call]): ToolCall => ({
      id: call.id,
      type: "function",
      function: { name: call.name, arguments: call.arguments.join("") },
    }));
  const content = parts.content.join("");
  return {
    role: "assistant",
    content: content === "" && toolCalls.length > 0 ? null : content,
    refusal: parts.refusal.length > 0 ? parts.refusal.join("") : null,
    ...(parts.reasoning.length > 0 && { reasoning_content: parts.reasoning.join("") }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}

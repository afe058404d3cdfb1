import type { ChatRequest } from "../../src/contract/chat.ts";

/** The sizes a context is asked for in; few, since Ollama loads the model anew for each. */
const smallestContext = 2048;
/** Where neither the model's window nor the machine's most is known. */
export const largestContext = 131_072;

/** What a conversation of some turns needs; asked for when a model is loaded ahead of any request. */
const usualContext = 8_192;

/** What bounds a context. */
export interface ContextBounds {
  /** Tokens; null: only by what Lifeboat asks for where it knows no more. */
  readonly most: number | null;
  /** What the model's own Modelfile sets, and all others are served with; null where it sets nothing. */
  readonly least: number | null;
}

/** What is kept free for the answer when the app states no maximum. */
const usualAnswer = 4096;

/**
 * The most that is kept free for the answer. Apps often send a model's own maximum, and memory for
 * it would be taken at load; an answer that outgrows it ends with finish reason `length`.
 */
const longestAnswer = 8192;

/** Room for the estimate's own error. */
const margin = 1.1;

/**
 * The context, in tokens, that a request needs at Ollama: prompt and answer, rounded up to the next
 * step of 2,048, 4,096, … up to the model's or the machine's most. Ollama's own default is small, and
 * it drops what does not fit.
 * Source: https://docs.ollama.com/context-length
 */
export function contextNeeded(
  request: ChatRequest,
  promptTokens: number,
  { most, least }: ContextBounds,
): number {
  const needed = Math.ceil(promptTokens * margin) + answerTokens(request);
  const end = most ?? Math.max(largestContext, least ?? 0);
  let size = smallestContext;
  while (size < needed && size < end) size *= 2;
  return Math.min(Math.max(size, least ?? 0), end);
}

/** The context that a model is loaded with ahead of any request. */
export function contextAhead({ most, least }: ContextBounds): number {
  const size = least ?? usualContext;
  return Math.min(size, most ?? size);
}

/** The most tokens that the app wants back; null when it did not say. */
export function answerLimit(request: ChatRequest): number | null {
  const limit = request.max_completion_tokens ?? request.max_tokens;
  return typeof limit === "number" && limit > 0 ? Math.floor(limit) : null;
}

function answerTokens(request: ChatRequest): number {
  return Math.min(answerLimit(request) ?? usualAnswer, longestAnswer);
}

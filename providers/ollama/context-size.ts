import { estimateTokenCount } from "tokenx";
import type { ChatMessage, ChatRequest } from "../../src/contract/chat.ts";

/** The sizes a context is asked for in; few, since Ollama loads the model anew for each. */
const smallestContext = 2048;
export const largestContext = 131_072;

/** What a conversation of some turns needs; asked for when a model is loaded ahead of any request. */
const usualContext = 8_192;

/** What bounds a context, and how far estimates of this model's prompts were off. */
export interface ContextBounds {
  /** Tokens; null: only by what Lifeboat asks for at all. */
  readonly most: number | null;
  /** What the model's own Modelfile sets, and all others are served with; null where it sets nothing. */
  readonly least?: number | null;
  readonly promptRatio: number;
}

/** What is kept free for the answer when the app states no maximum. */
const usualAnswer = 4096;

/**
 * The most that is kept free for the answer. Apps often send a model's own maximum, and memory for
 * it would be taken at load; an answer that outgrows it ends with finish reason `length`.
 */
const longestAnswer = 8192;

/** A picture's tokens differ by model (256 to some 2,900); most are near this. */
const imageTokens = 1024;

/** Role and turn marks of the chat template. */
const messageTokens = 8;

/** Room for the estimate's own error. */
const margin = 1.1;

/** Reading all of a long prompt costs CPU time that Workers count; so it is sampled. */
const mostSampled = 32_768;
const samples = 8;

const unbounded: ContextBounds = { most: null, promptRatio: 1 };

/**
 * The context, in tokens, that a request needs at Ollama: prompt and answer, rounded up to the next
 * step of 2,048, 4,096, … up to the model's or the machine's most. Ollama's own default is small, and
 * it drops what does not fit.
 * Source: https://docs.ollama.com/context-length
 */
export function contextNeeded(request: ChatRequest, bounds: ContextBounds = unbounded): number {
  const prompt = estimatePrompt(request) * bounds.promptRatio;
  const needed = Math.ceil(prompt * margin) + answerTokens(request);
  let size = smallestContext;
  while (size < needed && size < largestContext) size *= 2;
  return Math.min(Math.max(size, bounds.least ?? 0), bounds.most ?? largestContext);
}

/** The context that a model is loaded with ahead of any request. */
export function contextAhead({ most, least = null }: Omit<ContextBounds, "promptRatio">): number {
  return Math.min(least ?? usualContext, most ?? largestContext);
}

/** The most tokens that the app wants back; null when it did not say. */
export function answerLimit(request: ChatRequest): number | null {
  const limit = request.max_completion_tokens ?? request.max_tokens;
  return typeof limit === "number" && limit > 0 ? Math.floor(limit) : null;
}

function answerTokens(request: ChatRequest): number {
  return Math.min(answerLimit(request) ?? usualAnswer, longestAnswer);
}

function estimatePrompt(request: ChatRequest): number {
  const texts: string[] = [];
  let tokens = request.messages.length * messageTokens;
  for (const message of request.messages) {
    tokens += countImages(message) * imageTokens;
    collectTexts(message, texts);
  }
  const tools = request.tools ?? [];
  if (tools.length > 0) texts.push(JSON.stringify(tools));
  return tokens + estimateText(texts.join("\n"));
}

function countImages({ content }: ChatMessage): number {
  if (!Array.isArray(content)) return 0;
  return content.filter((part) => part.type === "image_url").length;
}

function collectTexts(message: ChatMessage, texts: string[]): void {
  const { content, tool_calls: calls, reasoning_content: thinking } = message;
  if (typeof content === "string") texts.push(content);
  else for (const part of content ?? []) if (typeof part.text === "string") texts.push(part.text);
  if (typeof thinking === "string") texts.push(thinking);
  for (const { function: called } of calls ?? []) {
    if (called !== undefined) texts.push(called.name, called.arguments);
  }
}

function estimateText(text: string): number {
  if (text.length <= mostSampled) return estimateTokenCount(text);
  const length = mostSampled / samples;
  const stride = (text.length - length) / (samples - 1);
  let tokens = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const from = Math.floor(sample * stride);
    tokens += estimateTokenCount(text.slice(from, from + length));
  }
  return Math.ceil((tokens / mostSampled) * text.length);
}

import { estimateTokenCount } from "tokenx";
import type { ChatMessage, ChatRequest, ContentPart } from "../contract/chat.ts";

/** What a request will take out of an allowance, in tokens; a rough guess. */
export interface Estimate {
  readonly input: number;
  /** The most that the app lets the answer have; 0 when it does not say. */
  readonly output: number;
}

/** Reading all of a long prompt costs CPU time that Workers count: of more than this only samples are read. */
const mostRead = 32_768;
const samples = 8;
/** Hardly any text has more tokens than this for each of its characters. */
const mostTokensPerCharacter = 2;

/** Role and turn marks of a message. Source: https://developers.openai.com/cookbook/examples/how_to_count_tokens_with_tiktoken */
const messageTokens = 4;
/**
 * A picture at low detail costs 85 tokens at OpenAI, one at high detail 765 for 1024 × 1024; others
 * take some 258 to 1,600. Sources: https://platform.openai.com/docs/guides/images-vision,
 * https://ai.google.dev/gemini-api/docs/tokens, https://docs.claude.com/en/docs/build-with-claude/vision
 */
const imageTokens = { low: 85, other: 1_100 };
const audioTokens = 1_000;

/** A guess that is made when it is first asked for: most requests are planned without one. */
export class LazyEstimate {
  readonly #request: ChatRequest;
  #atMost: number | null = null;
  #estimate: Estimate | null = null;
  #contents: Contents | null = null;

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  /** More than the request can possibly take; found without reading its text. */
  get atMost(): number {
    this.#atMost ??=
      this.#content.characters * mostTokensPerCharacter +
      this.#content.fixed +
      answerLimit(this.#request);
    return this.#atMost;
  }

  get tokens(): Estimate {
    this.#estimate ??= { input: this.#readTokens(), output: answerLimit(this.#request) };
    return this.#estimate;
  }

  get #content(): Contents {
    this.#contents ??= contentsOf(this.#request);
    return this.#contents;
  }

  #readTokens(): number {
    const { texts, characters, fixed } = this.#content;
    if (characters <= mostRead) return fixed + estimateTokenCount(texts.join("\n"));
    return fixed + sampled(texts.join("\n"));
  }
}

/** Estimates by their request: whoever asks after the plan does not read the text again. */
const estimates = new WeakMap<ChatRequest, LazyEstimate>();

/** The estimate of a request; the same one for all who ask. */
export function estimateOf(request: ChatRequest): LazyEstimate {
  let estimate = estimates.get(request);
  if (estimate === undefined) {
    estimate = new LazyEstimate(request);
    estimates.set(request, estimate);
  }
  return estimate;
}

/** What of a request becomes tokens: its texts, and the tokens of what is no text. */
interface Contents {
  readonly texts: readonly string[];
  readonly characters: number;
  readonly fixed: number;
}

function contentsOf(request: ChatRequest): Contents {
  const texts: string[] = [];
  let fixed = request.messages.length * messageTokens;
  for (const message of request.messages) fixed += collect(message, texts);
  const { tools } = request;
  if (tools !== undefined && tools !== null && tools.length > 0) texts.push(JSON.stringify(tools));
  const schema = request.response_format?.json_schema?.schema;
  if (schema !== undefined) texts.push(JSON.stringify(schema));
  const characters = texts.reduce((length, text) => length + text.length + 1, 0);
  return { texts, characters, fixed };
}

/** Collects a message's texts, and gives the tokens of all else in it. */
function collect(message: ChatMessage, texts: string[]): number {
  const { content, tool_calls: calls, reasoning_content: thinking } = message;
  if (typeof thinking === "string") texts.push(thinking);
  if (typeof content === "string") texts.push(content);
  const parts = Array.isArray(content) ? content : [];
  for (const { text } of parts) if (typeof text === "string") texts.push(text);
  for (const call of calls ?? []) {
    texts.push(String(call.function?.name), String(call.function?.arguments));
  }
  return parts.reduce((tokens, part: ContentPart) => tokens + tokensOf(part), 0);
}

/** The tokens of what is no text. */
function tokensOf({ type, image_url: image }: ContentPart): number {
  if (type === "input_audio") return audioTokens;
  if (type !== "image_url") return 0;
  return image?.detail === "low" ? imageTokens.low : imageTokens.other;
}

/** Pieces from all over a long text: its start alone may be of another kind than the rest. */
function sampled(text: string): number {
  const length = mostRead / samples;
  const stride = (text.length - length) / (samples - 1);
  let tokens = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const from = Math.floor(sample * stride);
    tokens += estimateTokenCount(text.slice(from, from + length));
  }
  return Math.ceil((tokens / mostRead) * text.length);
}

function answerLimit({ max_completion_tokens: newer, max_tokens: older }: ChatRequest): number {
  return newer ?? older ?? 0;
}

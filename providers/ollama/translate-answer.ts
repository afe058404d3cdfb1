import type { ChatChunk, Delta, ToolCallDelta, Usage } from "../../src/contract/chat.ts";
import { isRecord } from "../shared/json-values.ts";

type Line = Readonly<Record<string, unknown>>;

/** What all chunks of one answer share. */
export interface AnswerHead {
  readonly id: string;
  /** Seconds UTC, as OpenAI counts. */
  readonly created: number;
  /** Stands in until Ollama says which model answers. */
  readonly model: string;
}

/**
 * Turns the lines of one `/api/chat` answer into OpenAI's chunks. Nothing in a line is taken on
 * trust: a field of another type counts as absent.
 * Sources: https://docs.ollama.com/api/chat,
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export class AnswerTranslation {
  readonly #head: AnswerHead;
  #started = false;
  #spoke = false;
  #toolCalls = 0;

  constructor(head: AnswerHead) {
    this.#head = head;
  }

  /**
   * The chunks of one line. Null when the line ends an exchange in which the model did not answer,
   * but was only loaded or unloaded.
   */
  read(value: unknown): readonly ChatChunk[] | null {
    const line = isRecord(value) ? value : {};
    const chunks: ChatChunk[] = [];
    const delta = this.#delta(isRecord(line["message"]) ? line["message"] : {});
    if (delta !== null) chunks.push(this.#chunk(line, delta, null));
    if (line["done"] !== true) return chunks;

    const reason = line["done_reason"];
    if (!this.#spoke && (reason === "load" || reason === "unload")) return null;
    chunks.push(this.#chunk(line, this.#begin(), this.#finishReason(reason)));
    const usage = usageOf(line);
    if (usage !== null) chunks.push({ ...this.#frame(line), choices: [], usage });
    return chunks;
  }

  /** What a message adds; null when nothing does. */
  #delta(message: Line): Delta | null {
    const content = filled(message["content"]);
    const thinking = filled(message["thinking"]);
    const calls = Array.isArray(message["tool_calls"]) ? message["tool_calls"] : [];
    const toolCalls = calls.filter(isRecord).flatMap((call) => this.#toolCall(call) ?? []);
    if (content === null && thinking === null && toolCalls.length === 0) return null;
    this.#spoke = true;
    return {
      ...this.#begin(),
      ...(thinking !== null && { reasoning_content: thinking }),
      ...(content !== null && { content }),
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    };
  }

  /** Ollama gives each call whole, and an id only in newer versions; the index counts over the answer. */
  #toolCall(call: Line): ToolCallDelta | null {
    const called = isRecord(call["function"]) ? call["function"] : {};
    const name = called["name"];
    const args = called["arguments"];
    if (typeof name !== "string") return null;
    const index = this.#toolCalls;
    this.#toolCalls += 1;
    return {
      index,
      id: filled(call["id"]) ?? `call_${this.#head.id.slice(-12)}_${index}`,
      type: "function",
      function: { name, arguments: typeof args === "string" ? args : JSON.stringify(args ?? {}) },
    };
  }

  #begin(): Delta {
    if (this.#started) return {};
    this.#started = true;
    return { role: "assistant", content: "" };
  }

  #finishReason(reason: unknown): string {
    if (this.#toolCalls > 0) return "tool_calls";
    return reason === "length" ? "length" : "stop";
  }

  #chunk(line: Line, delta: Delta, finishReason: string | null): ChatChunk {
    return {
      ...this.#frame(line),
      choices: [{ index: 0, delta, ...logprobsOf(line, delta), finish_reason: finishReason }],
    };
  }

  #frame(line: Line): Pick<ChatChunk, "id" | "object" | "created" | "model"> {
    const { id, created } = this.#head;
    const model = filled(line["model"]) ?? this.#head.model;
    return { id, object: "chat.completion.chunk", created, model };
  }
}

/**
 * What the tokens of a text were worth, where that was asked for. Those of thinking and of tool
 * calls are not the text's.
 */
function logprobsOf({ logprobs }: Line, { content }: Delta): { logprobs?: unknown } {
  if (!Array.isArray(logprobs) || filled(content) === null) return {};
  return { logprobs: { content: logprobs.filter(isRecord).map(tokenOf), refusal: null } };
}

/** OpenAI's has all fields always. Source: https://docs.ollama.com/api/chat */
function tokenOf({ bytes = null, top_logprobs: top, ...token }: Line): Line {
  const alternatives = Array.isArray(top) ? top.filter(isRecord) : [];
  return {
    ...token,
    bytes,
    top_logprobs: alternatives.map((other) => ({ bytes: null, ...other })),
  };
}

/** Token counts; null when Ollama gave none, since zero would be a claim. */
function usageOf(line: Line): Usage | null {
  const prompt = countOf(line["prompt_eval_count"]);
  const completion = countOf(line["eval_count"]);
  if (prompt === null && completion === null) return null;
  const usage = { prompt_tokens: prompt ?? 0, completion_tokens: completion ?? 0 };
  return { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function filled(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

import { estimateTokenCount } from "tokenx";
import type { ChatRequest } from "../contract/chat.ts";

/** What a request will take out of an allowance, in tokens; a rough guess. */
export interface Estimate {
  readonly input: number;
  /** The most that the app lets the answer have; 0 when it does not say. */
  readonly output: number;
}

/** Reading all of a long prompt costs CPU time that Workers count: behind this much the rate so far is taken on trust. */
const mostRead = 32_768;
/** Hardly any text has more tokens than this for each of its characters. */
const mostTokensPerCharacter = 2;

/** A guess that is made when it is first asked for: most requests are planned without one. */
export class LazyEstimate {
  readonly #request: ChatRequest;
  #atMost: number | null = null;
  #estimate: Estimate | null = null;

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  /** More than the request can possibly take; found without reading its text. */
  get atMost(): number {
    this.#atMost ??= this.#characters() * mostTokensPerCharacter + answerLimit(this.#request);
    return this.#atMost;
  }

  get tokens(): Estimate {
    this.#estimate ??= { input: this.#readTokens(), output: answerLimit(this.#request) };
    return this.#estimate;
  }

  #characters(): number {
    return texts(this.#request).reduce((length, text) => length + text.length, 0);
  }

  #readTokens(): number {
    const text = texts(this.#request).join("\n");
    if (text.length <= mostRead) return estimateTokenCount(text);
    return Math.ceil((estimateTokenCount(text.slice(0, mostRead)) / mostRead) * text.length);
  }
}

function texts({ messages }: ChatRequest): string[] {
  return messages.flatMap(({ content }) => {
    if (typeof content === "string") return [content];
    return (content ?? []).flatMap(({ text }) => (typeof text === "string" ? [text] : []));
  });
}

function answerLimit({ max_completion_tokens: newer, max_tokens: older }: ChatRequest): number {
  return newer ?? older ?? 0;
}

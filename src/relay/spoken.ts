import type { ChatChunk } from "../contract/chat.ts";
import { isFilled } from "./frame.ts";

/** Output that another model cannot take up in the middle. */
const notText = ["refusal", "tool_calls", "function_call", "audio", "images"];

/** What a stream has said so far, as far as another model could carry it on. */
export class Spoken {
  readonly #parts: string[] = [];
  #onlyText = true;

  add(chunk: ChatChunk): void {
    for (const { index, delta } of chunk.choices) {
      if (index !== 0 || notText.some((field) => isFilled(delta[field]))) this.#onlyText = false;
      if (typeof delta.content === "string") this.#parts.push(delta.content);
    }
  }

  /** The text so far; null where there is none, or more than text. */
  get text(): string | null {
    const text = this.#onlyText ? this.#parts.join("") : "";
    return text === "" ? null : text;
  }
}

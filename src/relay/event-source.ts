import type { ChatChunk } from "../contract/chat.ts";
import type { ProviderEvent } from "../contract/provider.ts";
import type { FailureReader, Frame, FrameSource } from "./frame.ts";

const encoder = new TextEncoder();

export function encodeChunk(chunk: ChatChunk): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`);
}

export const doneFrame = encoder.encode("data: [DONE]\n\n");

/** Frames of a stream that a provider adapter translated from another dialect. */
export class EventSource implements FrameSource {
  readonly #events: AsyncIterator<ProviderEvent>;
  readonly #failures: FailureReader;
  #ended = false;

  constructor(events: AsyncIterable<ProviderEvent>, failures: FailureReader) {
    this.#events = events[Symbol.asyncIterator]();
    this.#failures = failures;
  }

  async next(): Promise<readonly Frame[] | null> {
    if (this.#ended) return null;
    try {
      const { done, value } = await this.#events.next();
      if (done === true) {
        this.#ended = true;
        return null;
      }
      if (value.type !== "chunk") return [value];
      return [{ type: "chunk", bytes: encodeChunk(value.chunk), chunk: value.chunk }];
    } catch (error) {
      this.#ended = true;
      return [{ type: "failure", failure: this.#failures.broken(error) }];
    }
  }

  cancel(): void {
    this.#ended = true;
    this.#events.return?.().catch(() => undefined);
  }
}

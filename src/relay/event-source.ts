import type { ChatChunk } from "../contract/chat.ts";
import type { ProviderEvent } from "../contract/provider.ts";
import type { FailureReader, Frame, FrameSource } from "./frame.ts";
import { count, isWhole, newTally } from "./tally.ts";

const encoder = new TextEncoder();

export function encodeChunk(chunk: ChatChunk): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`);
}

export const doneFrame = encoder.encode("data: [DONE]\n\n");

/** Frames of a stream that a provider adapter translated from another dialect. */
export class EventSource implements FrameSource {
  readonly pendingBytes = 0;
  readonly #events: AsyncIterator<ProviderEvent>;
  readonly #failures: FailureReader;
  /** Of all choices that came: how many were asked for is not looked at here. */
  readonly #tally = newTally(1);
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
        // It ends by returning, and finish reasons tell whether it was whole: that is its [DONE].
        return isWhole(this.#tally) ? [{ type: "done", bytes: doneFrame }] : null;
      }
      if (value.type !== "chunk") return [value];
      count(this.#tally, value.chunk);
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

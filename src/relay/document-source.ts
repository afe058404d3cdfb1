import type { ChatChunk, ChatCompletion, Delta } from "../contract/chat.ts";
import { doneFrame, encodeChunk } from "./event-source.ts";
import type { Frame, FrameSource } from "./frame.ts";

/** A whole answer given as a stream, for an app that asked for one and an upstream that did not stream. */
export class DocumentSource implements FrameSource {
  readonly pendingBytes = 0;
  readonly #pieces: Frame[][];

  constructor(completion: ChatCompletion) {
    const chunk = asChunk(completion);
    this.#pieces = [
      [
        { type: "chunk", bytes: encodeChunk(chunk), chunk },
        { type: "done", bytes: doneFrame },
      ],
    ];
  }

  async next(): Promise<readonly Frame[] | null> {
    return this.#pieces.shift() ?? null;
  }

  cancel(): void {
    this.#pieces.length = 0;
  }
}

function asChunk(completion: ChatCompletion): ChatChunk {
  return {
    id: completion.id,
    object: "chat.completion.chunk",
    created: completion.created,
    model: completion.model,
    choices: completion.choices.map(({ index, message, finish_reason }) => ({
      index,
      delta: asDelta(message),
      finish_reason: finish_reason ?? "stop",
    })),
    ...(completion.usage && { usage: completion.usage }),
  };
}

function asDelta(message: ChatCompletion["choices"][number]["message"]): Delta {
  const { tool_calls: calls, ...rest } = message;
  if (calls === undefined) return rest;
  return { ...rest, tool_calls: calls.map((call, index) => ({ index, ...call })) };
}

import type { ChatChunk } from "../contract/chat.ts";
import type { Failure } from "../contract/failure.ts";

/** One event of an upstream's stream, with the bytes that pass it on. */
export type Frame =
  /** `chunk` is null where the frame was only skimmed. */
  | { readonly type: "chunk"; readonly bytes: Uint8Array; readonly chunk: ChatChunk | null }
  | { readonly type: "done"; readonly bytes: Uint8Array }
  /** Comments, pings and events that are no output. */
  | { readonly type: "noise"; readonly bytes: Uint8Array }
  | { readonly type: "malformed" }
  | { readonly type: "failure"; readonly failure: Failure };

/** `read`: every event is parsed. `skim`: only those that may end the answer or carry its usage. */
export type ReadDepth = "read" | "skim";

/** Where frames come from, whatever the upstream speaks. */
export interface FrameSource {
  /** Bytes of an event whose end has not come yet. */
  readonly pendingBytes: number;
  /** The frames of the next piece of stream; null at its end. Failures are frames, not exceptions. */
  next(depth: ReadDepth): Promise<readonly Frame[] | null>;
  /** Ends the upstream's stream; what it still says is lost. */
  cancel(): void;
}

/** How the relay has failures read: it knows nothing of providers and clocks itself. */
export interface FailureReader {
  /** A read that threw: a broken connection, one of our clocks, or the caller gone. */
  broken(error: unknown): Failure;
  /** Whether a parsed event or document says that it is an error. */
  saysError(value: unknown): boolean;
  /** What an event or a document that says it is an error means, or one that cannot be read. */
  said(text: string, site: "body" | "stream"): Failure;
}

/** Fields of a delta that are output; whatever else stands in one (a role, a name) is start-up. */
const outputFields = [
  "content",
  "refusal",
  "reasoning_content",
  "reasoning",
  "reasoning_details",
  "tool_calls",
  "function_call",
  "audio",
  "images",
];

/** Whether a chunk carries output that an app can see, or rightly ends without any. */
export function isMeaningful(chunk: ChatChunk): boolean {
  return chunk.choices.some(
    ({ delta, finish_reason }) =>
      isFilled(finish_reason) || outputFields.some((field) => isFilled(delta[field])),
  );
}

/** Whether a frame brings output; one that was only skimmed is taken at its looks. */
export function speaks(frame: Frame): boolean {
  return frame.type === "chunk" && (frame.chunk === null || isMeaningful(frame.chunk));
}

/** Whether a field says anything: some servers send empty ones, an empty finish reason too, in every chunk. */
export function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  return !(Array.isArray(value) && value.length === 0);
}

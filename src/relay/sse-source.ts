import { createParser } from "eventsource-parser";
import { FrameCutter } from "./frame-cutter.ts";
import type { FailureReader, Frame, FrameSource, ReadDepth } from "./frame.ts";
import { isChatChunk, parseJson } from "./read-json.ts";

/** Marks of a frame that must be read: it may end the answer, carry its usage, or be an error. */
const marks = /\[DONE\]|"finish_reason"\s*:\s*"[^"]|"usage"\s*:\s*\{|"error"|^event:/m;

/** So many events may be lost; more, and what is left is not the answer any more. */
const mostMalformed = 3;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads an upstream's OpenAI-shaped event stream, keeping its bytes as they came. */
export class SseSource implements FrameSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #failures: FailureReader;
  readonly #cutter = new FrameCutter();
  #ended = false;
  #malformed = 0;

  constructor(body: ReadableStream<Uint8Array>, failures: FailureReader) {
    this.#reader = body.getReader();
    // A break shows in read(); unwatched, the same break would be reported as unhandled here.
    this.#reader.closed.catch(ignoreLateError);
    this.#failures = failures;
  }

  get pendingBytes(): number {
    return this.#cutter.pendingBytes;
  }

  async next(depth: ReadDepth): Promise<readonly Frame[] | null> {
    if (this.#ended) return null;
    try {
      const { done, value } = await this.#reader.read();
      if (!done) return this.#cutter.push(value).map((frame) => this.#read(frame, depth));
      this.#ended = true;
      const rest = this.#cutter.rest();
      // A last event without its blank line still counts: some servers close right behind it.
      return rest.length === 0 ? null : [this.#read(withBlankLine(rest), "read")];
    } catch (error) {
      this.#ended = true;
      return [{ type: "failure", failure: this.#failures.broken(error) }];
    }
  }

  cancel(): void {
    this.#ended = true;
    this.#reader.cancel().catch(ignoreLateError);
  }

  #read(bytes: Uint8Array, depth: ReadDepth): Frame {
    const text = decoder.decode(bytes);
    if (depth === "skim" && !marks.test(text) && looksWhole(text)) {
      return { type: "chunk", bytes, chunk: null };
    }
    const event = parseEvent(text);
    if (event === null) return { type: "noise", bytes };
    const data = event.data.trim();
    if (data === "[DONE]") return { type: "done", bytes };
    const value = parseJson(data);
    if (event.name === "error" || this.#failures.saysError(value)) {
      // What only its event's name marks as an error is put so that it is not taken for lost output.
      const told = value === undefined ? JSON.stringify({ error: data }) : data;
      return { type: "failure", failure: this.#failures.said(told, "stream") };
    }
    if (value === undefined) return this.#leaveOut(data);
    return isChatChunk(value) ? { type: "chunk", bytes, chunk: value } : { type: "noise", bytes };
  }

  #leaveOut(data: string): Frame {
    this.#malformed += 1;
    if (this.#malformed <= mostMalformed) return { type: "malformed" };
    return { type: "failure", failure: this.#failures.said(data, "stream") };
  }
}

/** What follows an event, of ours or another's, must not become part of it. */
function withBlankLine(rest: Uint8Array): Uint8Array {
  const text = decoder.decode(rest);
  // Line ends alone are what a chunk's end has cut off from the frame before.
  if (text.trim() === "") return rest;
  const ending = encoder.encode(missingEnd(text));
  const ended = new Uint8Array(rest.length + ending.length);
  ended.set(rest);
  ended.set(ending, rest.length);
  return ended;
}

function missingEnd(text: string): string {
  if (text.endsWith("\r\n")) return "\r\n";
  // Behind a CR alone one LF would only complete the pair.
  return text.endsWith("\n") ? "\n" : "\n\n";
}

/** A frame that holds one chunk in one line `data: {…}`: what nearly every frame of a stream is. */
function looksWhole(text: string): boolean {
  const line = text.trim();
  const looksLikeChunk = line.startsWith("data:") && line.endsWith("}");
  return looksLikeChunk && line.includes('"choices"') && !/[\r\n]/.test(line);
}

function parseEvent(text: string): { name: string | undefined; data: string } | null {
  const events: { name: string | undefined; data: string }[] = [];
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ name: event, data }),
  });
  parser.feed(`${text}\n\n`);
  return events[0] ?? null;
}

/** The stream is given up already; how its end fails no longer matters to anybody. */
function ignoreLateError(): void {}

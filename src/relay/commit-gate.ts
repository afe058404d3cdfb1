import { estimateTokenCount } from "tokenx";
import type { ChatChunk } from "../contract/chat.ts";
import type { Hold } from "../contract/route.ts";
import type { Failure } from "../contract/failure.ts";
import { isMeaningful, speaks, type FailureReader, type Frame, type FrameSource } from "./frame.ts";
import { Lookahead } from "./lookahead.ts";
import { encodeChunk } from "./event-source.ts";
import { Spoken } from "./spoken.ts";
import { carriesUsage, count, isWhole, type Tally } from "./tally.ts";

/** A stream that says this much without any output is broken. */
const mostStartUpBytes = 64 * 1024;
/** An answer that is held back must not fill the isolate; beyond this it is let go. */
const mostHeldBytes = 8 * 1024 * 1024;

export interface GateOptions {
  readonly failures: FailureReader;
  /** How many choices the app asked for. */
  readonly choices: number;
  readonly hideUsage: boolean;
  readonly hold: Hold;
  /** True after so many ms; false, maybe sooner, when the attempt has ended. Never rejects. */
  readonly pause: (ms: number) => Promise<boolean>;
  /** Told once, at the first meaningful output, whether or not it is passed on at once. */
  readonly onFirstToken: () => void;
  /** Told once, when a finish reason has come: what may follow are usage and the stream's end. */
  readonly onFinish: () => void;
  /** Told around each read after the first token; `alive` tells whether it brought output. */
  readonly waiting: () => void;
  readonly arrived: (alive: boolean) => void;
}

export type GateResult =
  | {
      readonly committed: true;
      readonly held: readonly Uint8Array[];
      readonly source: FrameSource;
      readonly spoken: Spoken;
    }
  | { readonly committed: false; readonly failure: Failure };

/**
 * Holds a stream back until its first meaningful output, and longer where the route says so: what
 * goes wrong before it is let go can still be answered by another candidate. The first-token clock
 * bounds it in time.
 */
export async function awaitCommit(
  source: FrameSource,
  tally: Tally,
  options: GateOptions,
): Promise<GateResult> {
  const gate = new Gate(new Lookahead(source), tally, options);
  for (;;) {
    const verdict = await gate.step();
    if (verdict !== "hold") return verdict;
  }
}

class Gate {
  readonly #source: Lookahead;
  readonly #tally: Tally;
  readonly #options: GateOptions;
  readonly #held: Uint8Array[] = [];
  readonly #spoken = new Spoken();
  #tokens = 0;
  #heard = false;
  /** Ends when the route's time to hold is over; null where there is none. */
  #limit: Promise<boolean> | null = null;

  constructor(source: Lookahead, tally: Tally, options: GateOptions) {
    this.#source = source;
    this.#tally = tally;
    this.#options = options;
  }

  async step(): Promise<GateResult | "hold"> {
    const frames = await this.#next();
    if (frames === "late") return this.#commit();
    if (frames === null) return this.#atEnd(null);
    for (const frame of frames) {
      if (frame.type === "failure") return this.#atEnd(frame.failure);
      this.#take(frame);
    }
    if (this.#tally.done) return this.#atEnd(null);
    return this.#isOver() ? this.#commit() : this.#bounded();
  }

  async #next(): Promise<readonly Frame[] | null | "late"> {
    if (!this.#heard) return this.#source.next("read");
    this.#options.waiting();
    const frames = await (this.#limit === null
      ? this.#source.next("read")
      : this.#source.nextBefore(this.#limit, "read"));
    this.#options.arrived(frames === "late" || (frames?.some(speaks) ?? false));
    return frames;
  }

  #take(frame: Exclude<Frame, { type: "failure" }>): void {
    const wasWhole = isWhole(this.#tally);
    const bytes = passable(frame, this.#tally, this.#options.hideUsage);
    if (bytes !== null) this.#held.push(bytes);
    if (frame.type !== "chunk" || frame.chunk === null) return;
    this.#spoken.add(frame.chunk);
    if (isMeaningful(frame.chunk)) this.#hear(frame.chunk);
    if (!wasWhole && isWhole(this.#tally)) this.#options.onFinish();
  }

  #hear(chunk: ChatChunk): void {
    const { tokens, ms } = this.#options.hold;
    if (Number.isFinite(tokens)) this.#tokens += tokensIn(chunk);
    if (this.#heard) return;
    this.#heard = true;
    this.#options.onFirstToken();
    if (ms > 0 && Number.isFinite(ms)) this.#limit = this.#options.pause(ms);
  }

  #isOver(): boolean {
    if (!this.#heard) return false;
    const { ms, tokens } = this.#options.hold;
    return ms === 0 || this.#tokens >= tokens || this.#tally.bytes > mostHeldBytes;
  }

  #bounded(): GateResult | "hold" {
    const bytes = this.#tally.bytes + this.#source.pendingBytes;
    if (this.#heard || bytes <= mostStartUpBytes) return "hold";
    return { committed: false, failure: this.#options.failures.said("", "stream") };
  }

  #atEnd(failure: Failure | null): GateResult {
    if (isWhole(this.#tally) || (this.#heard && this.#tally.done)) return this.#commit();
    return {
      committed: false,
      failure: failure ?? this.#options.failures.said("", "stream"),
    };
  }

  #commit(): GateResult {
    return {
      committed: true,
      held: this.#held,
      source: this.#source,
      spoken: this.#spoken,
    };
  }
}

/** An event with output holds at least one token. */
function tokensIn({ choices }: ChatChunk): number {
  const texts = choices.map(({ delta }) => delta.content ?? delta.reasoning_content ?? "");
  return Math.max(1, estimateTokenCount(texts.join("")));
}

/** Counts a frame; gives the bytes to pass on, or null for a frame that the app is not to see. */
export function passable(
  frame: Exclude<Frame, { type: "failure" }>,
  tally: Tally,
  hideUsage: boolean,
): Uint8Array | null {
  switch (frame.type) {
    case "malformed":
      tally.malformed += 1;
      return null;
    case "done":
      tally.done = true;
      return frame.bytes;
    case "noise":
      tally.bytes += frame.bytes.length;
      return frame.bytes;
    case "chunk":
      if (frame.chunk !== null) count(tally, frame.chunk);
      return passChunk(frame, tally, hideUsage);
  }
}

function passChunk(
  { bytes, chunk }: Extract<Frame, { type: "chunk" }>,
  tally: Tally,
  hideUsage: boolean,
): Uint8Array | null {
  const hides = hideUsage && chunk !== null && carriesUsage(chunk);
  if (hides && chunk.choices.length === 0) return null;
  const passed = hides ? encodeChunk(withoutUsage(chunk)) : bytes;
  tally.events += 1;
  tally.bytes += passed.length;
  return passed;
}

function withoutUsage(chunk: ChatChunk): ChatChunk {
  const { usage: _, ...rest } = chunk;
  return rest;
}

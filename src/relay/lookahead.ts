import type { Frame, FrameSource, ReadDepth } from "./frame.ts";

/** A source whose next frames may be waited for with a limit, and are not lost when that passes. */
export class Lookahead implements FrameSource {
  readonly #source: FrameSource;
  #ahead: Promise<readonly Frame[] | null> | null = null;

  constructor(source: FrameSource) {
    this.#source = source;
  }

  get pendingBytes(): number {
    return this.#source.pendingBytes;
  }

  next(depth: ReadDepth): Promise<readonly Frame[] | null> {
    const frames = this.#ahead ?? this.#source.next(depth);
    this.#ahead = null;
    return frames;
  }

  /**
   * The next frames, or "late" when `limit` ends first; then they are what `next` gives. A limit that
   * ends with false was broken off, and does not count.
   */
  async nextBefore(
    limit: Promise<boolean>,
    depth: ReadDepth,
  ): Promise<readonly Frame[] | null | "late"> {
    const ahead = this.next(depth);
    this.#ahead = ahead;
    const frames = await Promise.race([ahead, lateAt(limit, ahead)]);
    if (frames !== "late") this.#ahead = null;
    return frames;
  }

  cancel(): void {
    this.#source.cancel();
  }
}

async function lateAt<F>(limit: Promise<boolean>, ahead: Promise<F>): Promise<F | "late"> {
  return (await limit) ? "late" : ahead;
}

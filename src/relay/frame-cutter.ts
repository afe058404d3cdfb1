const lf = 10;
const cr = 13;

/** An event larger than this is no event; its stream is broken. */
const longestFrame = 16 * 1024 * 1024;

/**
 * Cuts a byte stream into server-sent event frames, each ending with its blank line, wherever the
 * chunks fall and whichever line end (LF, CRLF, CR) is used. Joined again, the frames and `rest()`
 * are the bytes that came in. An LF that completes a CRLF is the end of its frame, but where the
 * chunk ends between the two it opens the next one: holding the frame back would delay it.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 */
export class FrameCutter {
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #lineIsEmpty = true;
  #afterCr = false;

  /** How much has come since the last whole frame. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Throws a RangeError when an event grows past 16 MiB. */
  push(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      const completesCrLf = byte === lf && this.#afterCr;
      this.#afterCr = byte === cr;
      if (completesCrLf) continue;
      if (byte !== lf && byte !== cr) {
        this.#lineIsEmpty = false;
      } else if (this.#lineIsEmpty) {
        // An app must not wait for the next event to see this one's line end.
        if (byte === cr && chunk[at + 1] === lf) at += 1;
        frames.push(this.#join(chunk.subarray(start, at + 1)));
        this.#afterCr = chunk[at] === cr;
        start = at + 1;
      } else {
        this.#lineIsEmpty = true;
      }
    }
    this.#keep(chunk.subarray(start));
    return frames;
  }

  /** What came after the last whole frame. */
  rest(): Uint8Array {
    return this.#join(new Uint8Array(0));
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > longestFrame) throw new RangeError("an event is larger than 16 MiB");
    this.#pending.push(bytes);
  }

  #join(last: Uint8Array): Uint8Array {
    if (this.#pending.length === 0) return last;
    const joined = new Uint8Array(this.#pendingBytes + last.length);
    let offset = 0;
    for (const part of [...this.#pending, last]) {
      joined.set(part, offset);
      offset += part.length;
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    return joined;
  }
}

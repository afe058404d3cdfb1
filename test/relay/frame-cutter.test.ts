import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameCutter } from "../../src/relay/frame-cutter.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function cut(chunks: readonly Uint8Array[]): { frames: string[]; rest: string } {
  const cutter = new FrameCutter();
  const frames = chunks.flatMap((chunk) => cutter.push(chunk).map((frame) => frame.slice()));
  return {
    frames: frames.map((frame) => decoder.decode(frame)),
    rest: decoder.decode(cutter.rest()),
  };
}

function split(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...at.map((where) => where % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

function withoutLineEnds(frame: string): string {
  return frame.replaceAll(/[\r\n]/g, "");
}

describe("cutting a stream into frames", () => {
  it.each([
    ["LF", "data: a\n\ndata: b\n\n", ["data: a\n\n", "data: b\n\n"], ""],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["data: a\r\n\r\n", "data: b\r\n\r\n"], ""],
    ["CR", "data: a\r\rdata: b\r\r", ["data: a\r\r", "data: b\r\r"], ""],
    ["no end", "data: a\n\ndata: b", ["data: a\n\n"], "data: b"],
  ])("knows %s line ends", (_name, text, frames, rest) => {
    expect(cut([encoder.encode(text)])).toEqual({ frames, rest });
  });

  it("gives the same frames and the same bytes wherever the chunks fall", () => {
    const line = fc.constantFrom("data: x", "data: €🛟", ": ping", "event: e", "id: 1");
    const end = fc.constantFrom("\n", "\r\n", "\r");
    const stream = fc.array(fc.tuple(line, end, fc.boolean()), { maxLength: 12 });
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 8 }), (lines, at) => {
        const text = lines.map(([said, eol, blank]) => said + eol + (blank ? eol : "")).join("");
        const bytes = encoder.encode(text);
        const whole = cut([bytes]);
        const pieces = cut(split(bytes, at));
        expect(pieces.frames.length).toBe(whole.frames.length);
        expect(pieces.frames.join("") + pieces.rest).toBe(text);
        // Cut between CR and LF, the LF is the first byte of what follows.
        expect(pieces.frames.map(withoutLineEnds)).toEqual(whole.frames.map(withoutLineEnds));
      }),
    );
  });

  it("does not hold a frame back for the last half of its line end", () => {
    const pieces = [encoder.encode("data: a\r\n\r"), encoder.encode("\ndata: b\r\n\r\n")];
    expect(cut(pieces).frames).toEqual(["data: a\r\n\r", "\ndata: b\r\n\r\n"]);
  });

  it("gives up on an event that never ends", () => {
    const cutter = new FrameCutter();
    const megabyte = new Uint8Array(1024 * 1024).fill(120);
    expect(() => {
      for (let pushed = 0; pushed < 20; pushed += 1) cutter.push(megabyte);
    }).toThrow(RangeError);
  });
});

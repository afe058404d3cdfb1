import { isRecord, parseJson } from "../shared/json-values.ts";

/** A line holds a few tokens, or one tool call; more than this is not an answer. */
const longestLine = 4 * 1024 * 1024;

/** So many lines may be lost; more, and what is left is not the answer any more. */
const mostMalformed = 3;

/** Stands in for a line that could not be read. */
export const leftOut = { lifeboat: "left out" } as const;

/**
 * NDJSON of which every line is known to be a JSON object without an `error`. The `ollama` package
 * prints a line that it cannot parse to the console and goes on; it must never see one. A line among
 * good ones that cannot be read becomes `leftOut`. One that says an error, the first, or one too
 * many ends the stream with what `fault` makes of it, after the lines before it.
 */
export function checkedLines(
  body: ReadableStream<Uint8Array>,
  { fault, onEnd }: { fault: (line: string) => Error; onEnd: () => void },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const lines = new LineCutter();
  const sorter = new LineSorter();
  const encoder = new TextEncoder();
  let refused: Error | null = null;

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (refused !== null) throw refused;
        for (;;) {
          const { done, value } = await reader.read();
          if (done) onEnd();
          const { good, bad } = sorter.sort(done ? lines.rest() : lines.cut(value));
          if (bad !== null) {
            refused = fault(bad);
            reader.cancel().catch(() => undefined);
          }
          if (good.length > 0) controller.enqueue(encoder.encode(good.join("\n") + "\n"));
          else if (refused !== null) throw refused;
          if (done && refused === null) controller.close();
          if (done || good.length > 0) return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

class LineSorter {
  #good = 0;
  #malformed = 0;

  /** The lines up to the first that ends the stream, with the stand-ins among them. */
  sort(lines: readonly string[]): { good: readonly string[]; bad: string | null } {
    const good: string[] = [];
    for (const line of lines) {
      const said = this.#check(line);
      if (said === null) return { good, bad: line };
      good.push(said);
    }
    return { good, bad: null };
  }

  #check(line: string): string | null {
    if (line.length > longestLine) return null;
    const value = parseJson(line);
    if (isRecord(value)) {
      this.#good += 1;
      return "error" in value ? null : line;
    }
    this.#malformed += 1;
    if (this.#good === 0 || this.#malformed > mostMalformed) return null;
    return JSON.stringify(leftOut);
  }
}

/** Puts pieces of bytes together to lines; blank ones are left out. */
class LineCutter {
  readonly #decoder = new TextDecoder();
  #pending = "";

  cut(bytes: Uint8Array): readonly string[] {
    const lines = (this.#pending + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > longestLine) lines.push(this.#pending);
    return lines.filter(isFilled);
  }

  rest(): readonly string[] {
    const line = this.#pending + this.#decoder.decode();
    this.#pending = "";
    return [line].filter(isFilled);
  }
}

function isFilled(line: string): boolean {
  return line.trim() !== "";
}

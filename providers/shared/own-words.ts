const quotes = new Set(["'", '"', "`"]);
const wordChar = /[\p{L}\p{N}_]/u;

/**
 * A normalized text without what stands in quotes: what a provider quotes from a request is the
 * app's, and says nothing about the provider. An apostrophe inside a word is no quote; a quote that
 * is never closed in its line stays. Linear in the text's length.
 */
export function ownWords(text: string): string {
  return text
    .split("\n")
    .map((line) => outsideQuotes(line))
    .join("\n");
}

function outsideQuotes(line: string): string {
  const kept: string[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  for (let at = 0; at < line.length; at += 1) {
    const mark = line.charAt(at);
    if (!quotes.has(mark) || unclosed.has(mark) || wordChar.test(line.charAt(at - 1))) continue;
    const end = closing(line, mark, at + 1);
    if (end < 0) {
      unclosed.add(mark);
      continue;
    }
    kept.push(line.slice(from, at + 1));
    from = end;
    at = end;
  }
  return kept.concat(line.slice(from)).join("");
}

/** Where the quote is closed: not behind a backslash, and not inside a word. */
function closing(line: string, mark: string, from: number): number {
  for (let at = from; at < line.length; at += 1) {
    if (line[at] === "\\") at += 1;
    else if (line[at] === mark && !wordChar.test(line.charAt(at + 1))) return at;
  }
  return -1;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/** Parses JSON that somebody else wrote; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const field =
  /"([A-Za-z_.-]{1,40})"\s{0,4}:\s{0,4}(?:"((?:[^"\\]|\\.){0,4000})(?:"|$)|(-?\d{1,15}(?:\.\d{1,9})?))/g;

/**
 * The fields of JSON that is cut off or badly escaped, as far as they can be made out: names and
 * their string or number values, without their nesting.
 */
export function salvageFields(text: string): readonly JsonRecord[] {
  const found: JsonRecord[] = [];
  for (const [, name = "", string, number] of text.matchAll(field)) {
    if (found.length >= 200) break;
    found.push({ [name]: number === undefined ? unescape(string ?? "") : Number(number) });
  }
  return found;
}

function unescape(text: string): string {
  const value = parseJson(`"${text}"`);
  return typeof value === "string" ? value : text;
}

/** The first JSON object that stands inside a text, as gateways quote the error behind them. */
export function embeddedJson(text: string): unknown {
  const start = text.search(/[{[]\s{0,4}["{]/);
  if (start < 0) return undefined;
  const end = closingIndex(text, start);
  return end < 0 ? undefined : parseJson(text.slice(start, end + 1));
}

/** Where the bracket opened at `start` closes, heeding strings; -1 when it does not. */
function closingIndex(text: string, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth += 1;
    else if (char === "}" || char === "]") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

/** What a repetition without an upper bound repeats; and what nested groups may add up to. */
const mostRepeats = 100;

/**
 * A short text for a regular expression of the plain sort (literals, classes, groups, counted
 * repetitions). null when the expression is invalid, or uses what this does not read.
 */
export function sampleOf(pattern: string): string | null {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch {
    return null;
  }
  const sampler = new Sampler(pattern);
  const sample = sampler.alternatives();
  return sample !== null && expression.test(sample) ? sample : null;
}

/** Reads the pattern once, left to right, and writes the first text that fits. */
class Sampler {
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  alternatives(): string | null {
    const first = this.#sequence();
    while (this.#take("|")) this.#sequence();
    return first;
  }

  #sequence(): string | null {
    let text = "";
    while (this.#at < this.#pattern.length && !/[|)]/.test(this.#pattern[this.#at] ?? "")) {
      const atom = this.#atom();
      if (atom === null) return null;
      text += atom.repeat(this.#repeats());
    }
    return text;
  }

  #atom(): string | null {
    const sign = this.#next();
    if (sign === "^" || sign === "$") return "";
    if (sign === ".") return "a";
    if (sign === "(") return this.#group();
    if (sign === "[") return this.#oneOf();
    return sign === "\\" ? this.#escaped() : sign;
  }

  #group(): string | null {
    const isLookaround = /^\?(?:=|!|<=|<!)/.test(this.#pattern.slice(this.#at));
    if (isLookaround) return null;
    const prefix = /^\?(?::|<[^>]*>)/.exec(this.#pattern.slice(this.#at))?.[0] ?? "";
    this.#at += prefix.length;
    const inner = this.alternatives();
    return this.#take(")") ? inner : null;
  }

  #oneOf(): string | null {
    const end = this.#classEnd();
    const members = this.#pattern.slice(this.#at, end);
    this.#at = end + 1;
    if (!members.startsWith("^")) {
      if (members.startsWith("\\")) return classOf(members[1] ?? "");
      return members[0] ?? null;
    }
    const excluded = new RegExp(`[${members.slice(1)}]`, "u");
    return ["a", "0", "-", " "].find((letter) => !excluded.test(letter)) ?? null;
  }

  #classEnd(): number {
    let end = this.#at;
    while (end < this.#pattern.length && this.#pattern[end] !== "]") {
      end += this.#pattern[end] === "\\" ? 2 : 1;
    }
    return end;
  }

  #escaped(): string | null {
    return classOf(this.#next());
  }

  /** The least that the quantifier behind an atom allows. */
  #repeats(): number {
    const quantifier = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#pattern.slice(this.#at));
    if (quantifier === null) return 1;
    this.#at += quantifier[0].length;
    if (quantifier[1] !== undefined) return Math.min(mostRepeats, Number(quantifier[1]));
    return quantifier[0].startsWith("+") ? 1 : 0;
  }

  #next(): string {
    const sign = String.fromCodePoint(this.#pattern.codePointAt(this.#at) ?? 0);
    this.#at += sign.length;
    return sign;
  }

  #take(sign: string): boolean {
    if (this.#pattern[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }
}

/** What `\d` and its like stand for; null for what cannot be written so (`\b`, `\1`, `\p{…}`). */
function classOf(letter: string): string | null {
  const classes: Readonly<Record<string, string>> = {
    d: "0",
    w: "a",
    s: " ",
    D: "a",
    W: "-",
    S: "a",
  };
  if (Object.hasOwn(classes, letter)) return classes[letter] ?? null;
  return /[\p{L}\p{N}]/u.test(letter) ? null : letter;
}

const words: readonly (readonly [RegExp, string])[] = [
  [/\bthe (?:sum|total) of (\S+) and (\S+)/gi, "$1 + $2"],
  [/\bthe product of (\S+) and (\S+)/gi, "$1 * $2"],
  [/\bthe difference between (\S+) and (\S+)/gi, "$1 - $2"],
  [/\badd (\S+) (?:and|to) (\S+)/gi, "$1 + $2"],
  [/\bmultiply (\S+) (?:and|by) (\S+)/gi, "$1 * $2"],
  [/\bdivide (\S+) by (\S+)/gi, "$1 / $2"],
  [/\bsubtract (\S+) from (\S+)/gi, "$2 - $1"],
  [/(\d+(?:\.\d+)?)\s*(?:%|percent)\s+of\s+/gi, "$1 / 100 * "],
  [/\bplus\b/gi, "+"],
  [/\bminus\b/gi, "-"],
  [/\b(?:times|multiplied by)\b|[×·]|(?<=\d\s*)x(?=\s*\d)/gi, "*"],
  [/\bdivided by\b|÷/gi, "/"],
  [/\bto the power of\b|\*\*/gi, "^"],
  [/\bsquared\b/gi, "^ 2"],
  [/−/g, "-"],
];

/** A run of numbers, operators and brackets with an operator between two numbers in it. */
const formula = /[-(\d.][\d\s+\-*/^().]*[\d)]/g;
const operation = /[\d)]\s*[+\-*/^]\s*[-(\d.]/;
const looksLikeDate = /\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\/\d{1,2}\/\d{2,4}\b/;

/** A bare `-` or `/` may be a range or a name (`10-20`, `24/7`): then the sentence must ask for a result. */
const plainOperator = /[+*^]/;
const asksForResult =
  /=|\b(?:what|calculate|compute|evaluate|solve|how much|how many|result|minus|divided?|subtract|difference)\b/i;

const numberWords = "zero one two three four five six seven eight nine ten eleven twelve".split(
  " ",
);
const operatorWord =
  /\b(?:plus|minus|times|multiplied|multiply|divided?|add|subtract|sum|product)\b/i;

export interface Sum {
  /** As it was understood, evenly spaced. */
  readonly formula: string;
  /** null when it has no result. */
  readonly result: number | null;
}

/** The first calculation in a sentence and its result; null when there is none. */
export function sumIn(sentence: string): Sum | null {
  if (looksLikeDate.test(sentence)) return null;
  const asked = asksForResult.test(sentence);
  const symbols = words.reduce(
    (text, [word, symbol]) => text.replace(word, symbol),
    withDigits(sentence),
  );
  for (const [match] of symbols.matchAll(formula)) {
    if (!operation.test(match)) continue;
    const stands = asked || plainOperator.test(match) || match.length + 1 >= symbols.trim().length;
    if (!stands) continue;
    const tokens = match.match(/\d+(?:\.\d+)?|\.\d+|[-+*/^()]/g) ?? [];
    const value = evaluate(tokens);
    if (value === undefined) continue;
    const result = Number.isFinite(value) ? Number(value.toPrecision(12)) : null;
    return { formula: spaced(tokens), result };
  }
  return null;
}

/** `two plus two` in digits; number words elsewhere are left alone. */
function withDigits(sentence: string): string {
  if (!operatorWord.test(sentence)) return sentence;
  return sentence.replace(/\b[a-z]+\b/gi, (word) => {
    const at = numberWords.indexOf(word.toLowerCase());
    return at === -1 ? word : String(at);
  });
}

function spaced(tokens: readonly string[]): string {
  let text = "";
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1];
    const isSign = token === "-" && (before === undefined || /[-+*/^(]/.test(before));
    const glued = text === "" || token === ")" || before === "(" || text.endsWith("~");
    text = text.replace(/~$/, "") + (glued ? "" : " ") + token + (isSign ? "~" : "");
  }
  return text.replace(/~$/, "");
}

/** Brackets are read by recursion. */
const mostTokens = 200;

/** undefined when the tokens are no formula. */
function evaluate(tokens: readonly string[]): number | undefined {
  if (tokens.length > mostTokens) return undefined;
  const parser = new FormulaParser(tokens);
  const value = parser.sum();
  return parser.atEnd() && !Number.isNaN(value) ? value : undefined;
}

/** Recursive descent; what cannot be read becomes NaN. */
class FormulaParser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  atEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  sum(): number {
    let value = this.#product();
    for (;;) {
      if (this.#take("+")) value += this.#product();
      else if (this.#take("-")) value -= this.#product();
      else return value;
    }
  }

  #product(): number {
    let value = this.#power();
    for (;;) {
      if (this.#take("*")) value *= this.#power();
      else if (this.#take("/")) value = divide(value, this.#power());
      else return value;
    }
  }

  #power(): number {
    if (this.#take("-")) return -this.#power();
    const base = this.#operand();
    return this.#take("^") ? base ** this.#power() : base;
  }

  #operand(): number {
    if (this.#take("(")) {
      const value = this.sum();
      return this.#take(")") ? value : Number.NaN;
    }
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token === undefined || !/^[\d.]/.test(token) ? Number.NaN : Number(token);
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }
}

/** 0 / 0 has no result either, but it is a formula. */
function divide(a: number, b: number): number {
  return b === 0 ? Number.POSITIVE_INFINITY : a / b;
}

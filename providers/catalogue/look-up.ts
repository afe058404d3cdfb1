import type { ModelFacts, Price, Rate } from "../../src/contract/route.ts";
import { catalogue } from "./models.ts";

/** One line of the catalogue. */
interface Entry {
  readonly names: readonly string[];
  readonly fields: readonly string[];
}

const entries = new Map<string, readonly Entry[]>();

/**
 * What the catalogue knows of a kind's model. Where several lines name it the first that knows a
 * thing counts. What is not known is left out.
 */
export function lookUp(kind: string, model: string): Partial<ModelFacts> {
  const name = model.toLowerCase();
  return entriesOf(kind)
    .filter(({ names }) => names.some((pattern) => matches(pattern, name)))
    .map(({ fields }) => factsOf(fields))
    .reduceRight<Partial<ModelFacts>>((known, facts) => Object.assign(known, facts), {});
}

/** A kind's lines are read when they are first asked for: most kinds never are. */
function entriesOf(kind: string): readonly Entry[] {
  const known = entries.get(kind);
  if (known !== undefined) return known;
  const lines = (catalogue[kind] ?? "").split("\n").filter((line) => line !== "");
  const read = lines.map((line) => {
    const [names = "", ...fields] = line.split(";");
    return { names: names.split(" "), fields };
  });
  entries.set(kind, read);
  return read;
}

/** A pattern is a name, with `*` at its start, its end or both for anything. */
function matches(pattern: string, name: string): boolean {
  const start = pattern.startsWith("*");
  const end = pattern.endsWith("*");
  const core = pattern.slice(start ? 1 : 0, end ? -1 : undefined);
  if (start && end) return name.includes(core);
  if (start) return name.endsWith(core);
  return end ? name.startsWith(core) : name === core;
}

function factsOf([window = "", output = "", letters = "", prices = ""]: readonly string[]) {
  const price = priceOf(prices);
  return {
    ...(window !== "" && { contextWindow: Number(window) }),
    ...(output !== "" && { maxOutput: Number(output) }),
    ...trait("tools", "T", letters),
    ...trait("images", "I", letters),
    ...trait("audio", "A", letters),
    ...trait("reasoning", "R", letters),
    ...(price !== null && { price }),
  };
}

/** A capital letter: it has the trait; the same in lower case: it has not. */
function trait(name: keyof ModelFacts, letter: string, letters: string): Partial<ModelFacts> {
  if (letters.includes(letter)) return { [name]: true };
  return letters.includes(letter.toLowerCase()) ? { [name]: false } : {};
}

function priceOf(text: string): Price | null {
  const [input = null, output = null, cachedInput, cacheWrite, reasoning] = text
    .split(" ")
    .map(rateOf);
  if (input === null || output === null) return null;
  return {
    input,
    output,
    cachedInput: cachedInput ?? null,
    cacheWrite: cacheWrite ?? null,
    reasoning: reasoning ?? null,
  };
}

/** `base>tokens:price>…`, in dollars per million tokens; `-` is none. */
function rateOf(text: string): Rate | null {
  const [base = "-", ...steps] = text.split(">");
  if (base === "-" || base === "") return null;
  const above = steps.map((step) => {
    const [tokens = "", price = ""] = step.split(":");
    return { tokens: Number(tokens), price: Number(price) };
  });
  return { base: Number(base), above };
}

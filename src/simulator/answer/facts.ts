/** What the user has told about themselves in this conversation; what was said later counts. */
export interface Facts {
  /** By what it is: `name`, `age`, `home`, `favourite colour`. */
  readonly known: ReadonlyMap<string, string>;
  /** What was to be remembered, as it was said. */
  readonly notes: readonly string[];
}

export interface Fact {
  readonly about: string;
  readonly value: string;
}

/** A value ends with its clause. */
const value = String.raw`([^,.!?;\n]{1,80}?)(?=\s+(?:and|but|so)\b|[,.!?;\n]|$)`;

const patterns: readonly { readonly about: string; readonly says: RegExp }[] = [
  {
    about: "name",
    says: new RegExp(String.raw`\b(?:call me|i am called|i'm called) ${value}`, "iu"),
  },
  {
    about: "name",
    says: /^(?:(?:[Hh]i|[Hh]ello|[Hh]ey)[,!]?\s+)?I(?:'m| am) (\p{Lu}[\p{L}'-]+)(?=[,.!?\n]|$)/u,
  },
  { about: "age", says: /\bi(?:'m| am) (\d{1,3})(?: years old)?(?=[,.!?\n]|\s+and\b|$)/iu },
  { about: "home", says: new RegExp(String.raw`\bi (?:live in|am from|come from) ${value}`, "iu") },
  { about: "home", says: new RegExp(String.raw`\bi'm from ${value}`, "iu") },
  {
    about: "like",
    says: new RegExp(String.raw`\bi (?:really )?(?:like|love|enjoy) ${value}`, "iu"),
  },
  { about: "study", says: new RegExp(String.raw`\bi(?:'m| am)? stud(?:y|ying) ${value}`, "iu") },
];

const possession = new RegExp(
  String.raw`\bmy ([\p{L}][\p{L} '’-]{1,40}?)(?: is| are|(?<=name)['’]s) ${value}`,
  "iu",
);

const note = /\bremember(?: that|:)\s+(.{1,200})$/iu;

/** The fact that a sentence states; null when it states none, or asks. */
export function factIn(sentence: string): Fact | null {
  if (sentence.endsWith("?")) return null;
  const own = possession.exec(sentence);
  if (own?.[1] !== undefined && own[2] !== undefined) {
    return { about: factName(own[1]), value: own[2].trim() };
  }
  for (const { about, says } of patterns) {
    const found = says.exec(sentence)?.[1];
    if (found !== undefined) return { about, value: found.trim() };
  }
  return null;
}

/** What a sentence asks to be remembered, without its full stop. */
export function noteIn(sentence: string): string | null {
  return note.exec(sentence)?.[1]?.replace(/[.!]+$/, "") ?? null;
}

/** One name for one thing, however it is spelled. */
export function factName(thing: string): string {
  const plain = thing.toLowerCase().trim().replace(/\s+/g, " ").replaceAll("’", "'");
  const british = plain.replace("favorite", "favourite").replace("color", "colour");
  return british === "first name" || british === "full name" ? "name" : british;
}

/** Reads the facts out of all that the user has said so far. */
export function gatherFacts(sentences: readonly string[]): Facts {
  const facts = sentences.map(factIn).filter((fact) => fact !== null);
  return {
    known: new Map(facts.map(({ about, value: told }) => [about, told])),
    notes: sentences.map(noteIn).filter((noted) => noted !== null),
  };
}

import { sumIn } from "./arithmetic.ts";
import { gatherFacts } from "./facts.ts";
import type { Hints } from "./json-from-schema.ts";

const placeNames = /city|location|place|town|destination|country|region|address/i;
const personNames = /^(?:name|user_?name|full_?name|first_?name|person|customer)$/i;
const formulaNames = /expression|equation|formula|calculation/i;
const questionNames = /query|question|prompt|input|search|keyword|topic|request/i;
const answerNames = /answer|reply|response|message|text|content|summary|explanation|reason|result/i;

const place = /\b(?:in|for|at|near|to|from|of)\s+(\p{Lu}[\p{L}'-]+(?:,? \p{Lu}[\p{L}'-]+)*)/u;

/** What a property's name may call for. */
interface Offer {
  readonly named: RegExp;
  readonly text: string | undefined;
}

/**
 * Reads values for tool arguments and documents out of what the user said: places, names, numbers in
 * their order, a formula; `reply` is the text for a property that is named like an answer.
 */
export function hintsFrom(turns: readonly string[], reply: string): Hints {
  const latest = turns.at(-1) ?? "";
  const numbers = (latest.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
  const offers: readonly Offer[] = [
    { named: placeNames, text: place.exec(latest)?.[1] },
    { named: personNames, text: gatherFacts(turns).known.get("name") },
    { named: formulaNames, text: sumIn(latest)?.formula },
    { named: questionNames, text: latest === "" ? undefined : latest },
    { named: answerNames, text: reply },
  ];
  return {
    value(property, type) {
      if (type === "number") return numbers.shift();
      return offers.find(({ named, text }) => text !== undefined && named.test(property))?.text;
    },
    mentions: (words) => words !== "" && latest.toLowerCase().includes(words.toLowerCase()),
  };
}

import { hash } from "../seed.ts";
import { sumIn } from "./arithmetic.ts";
import { factIn, factName, gatherFacts, noteIn, type Facts } from "./facts.ts";
import { countingFor, listFor } from "./lists.ts";
import { writingFor } from "./writing.ts";

/** More of a message than this is not looked through. */
const mostRead = 4000;
const mostQuoted = 200;

const whoItIs =
  "I am Lifeboat's simulator: no language model is behind this answer. I can greet you, remember " +
  "what you tell me, calculate, count, list, call tools and fill in JSON schemas.";

interface Talk {
  readonly facts: Facts;
  /** Chooses a wording: the same one for the same message and seed. */
  readonly pick: (wordings: readonly string[]) => string;
  /** What the user said before this message. */
  readonly earlier: readonly string[];
}

type Rule = (sentence: string, talk: Talk) => string | null;

/**
 * The simulator's answer to what the user has said, turn by turn. Depends on nothing but its
 * arguments. It never pretends to know: what no rule covers is said to be beyond a simulator.
 */
export function converse(turns: readonly string[], seed: string): string {
  const latest = (turns.at(-1) ?? "").slice(0, mostRead).trim();
  if (latest === "") return `There is no text to answer. ${whoItIs}`;
  const talk: Talk = {
    facts: gatherFacts(turns.flatMap(sentencesOf)),
    pick: (wordings) => wordings[hash(seed + latest) % wordings.length] ?? "",
    earlier: turns.slice(0, -1),
  };
  const asTold = repeatAsTold(latest);
  if (asTold !== null) return asTold;
  const replies = sentencesOf(latest).map((sentence) => replyTo(sentence, talk));
  const answered = replies.filter((reply) => reply !== null);
  const substance = answered.filter((reply) => !reply.courtesy);
  const chosen = substance.length > 0 ? substance : answered;
  if (chosen.length === 0) return beyond(latest);
  return [...new Set(chosen.map(({ text }) => text))].join("\n\n");
}

function sentencesOf(text: string): readonly string[] {
  const parts = text.slice(0, mostRead).split(/(?<=[.!?])\s+|\n+/);
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

const substantial: readonly Rule[] = [
  identify,
  recall,
  calculate,
  (sentence) => countingFor(sentence),
  notice,
  (sentence) => listFor(sentence),
  (sentence, { pick }) => writingFor(sentence, pick),
];

const courteous: readonly Rule[] = [greet, thank, takeLeave];

function replyTo(sentence: string, talk: Talk): { text: string; courtesy: boolean } | null {
  for (const rule of substantial) {
    const text = rule(sentence, talk);
    if (text !== null) return { text, courtesy: false };
  }
  for (const rule of courteous) {
    const text = rule(sentence, talk);
    if (text !== null) return { text, courtesy: true };
  }
  return null;
}

const asksWho =
  /\b(?:who|what) are you\b|\bwhat(?:'s| is) your name\b|\bintroduce yourself\b|\b(?:which|what) (?:language |ai )?model\b|\bare you (?:an? )?(?:real |actual )?(?:ai|human|person|robot|bot|chatgpt|gpt\S*|llm|language model|simulator|openai|real)\b/i;

function identify(sentence: string): string | null {
  return asksWho.test(sentence) ? whoItIs : null;
}

const asks =
  /\?$|^(?:please\s+)?(?:what|who|where|how|do you|can you|could you|tell me|remind me)\b/i;
const asksForOwn =
  /\b(?:what(?:'s| is| are| was)?|tell me|remind me|remember|recall|know)\b.*?\bmy ([\p{L}][\p{L} '’-]{1,40}?)(?:\s+(?:is|are))?\s*[?.!]*$/iu;
const asksWhatWasSaid = /\bwhat did i (?:just )?(?:say|ask|tell you|write)\b/i;
const asksForNotes = /\bwhat did i (?:ask|tell) you to remember\b|\bwhat should you remember\b/i;

const recollections: readonly {
  readonly asks: RegExp;
  readonly about: string;
  readonly say: string;
}[] = [
  { asks: /\bwho am i\b/i, about: "name", say: "You are" },
  { asks: /\bhow old am i\b/i, about: "age", say: "Your age is" },
  { asks: /\bwhere (?:do i live|am i from)\b/i, about: "home", say: "Your home is" },
  { asks: /\bwhat do i (?:like|love|enjoy)\b/i, about: "like", say: "You like" },
  { asks: /\bwhat (?:do|am) i study(?:ing)?\b/i, about: "study", say: "You study" },
];

/** Gives back what the conversation told; says so when it did not. */
function recall(sentence: string, { facts, earlier }: Talk): string | null {
  if (!asks.test(sentence)) return null;
  if (asksForNotes.test(sentence) && facts.notes.length > 0) {
    return `You asked me to remember: ${facts.notes.join("; ")}.`;
  }
  if (asksWhatWasSaid.test(sentence)) {
    const before = earlier.at(-1);
    return before === undefined
      ? "You have not said anything before this."
      : `Before this you said: “${quoted(before)}”`;
  }
  const known = recollections.find((recollection) => recollection.asks.test(sentence));
  if (known !== undefined) {
    const told = facts.known.get(known.about);
    return told === undefined ? untold(known.about) : `${known.say} ${told}.`;
  }
  const own = asksForOwn.exec(sentence)?.[1];
  if (own === undefined) return null;
  const told = facts.known.get(factName(own));
  return told === undefined ? untold(factName(own)) : `Your ${factName(own)} is ${told}.`;
}

function untold(about: string): string {
  return (
    `You have not told me your ${about} in this conversation, and I am Lifeboat's simulator: ` +
    "I know only what was said here."
  );
}

function calculate(sentence: string): string | null {
  const sum = sumIn(sentence);
  if (sum === null) return null;
  return sum.result === null ? `${sum.formula} has no result.` : `${sum.formula} = ${sum.result}`;
}

/** Acknowledges what the user states about themselves. */
function notice(sentence: string, { pick }: Talk): string | null {
  const noted = noteIn(sentence);
  if (noted !== null) return `I will remember that: ${noted}.`;
  const fact = factIn(sentence);
  if (fact === null) return null;
  if (fact.about === "name") {
    return pick([
      `Hello, ${fact.value}! Nice to meet you.`,
      `Nice to meet you, ${fact.value}!`,
      `Welcome, ${fact.value}! How can I help you?`,
    ]);
  }
  return pick([
    `Noted: ${fact.about}: ${fact.value}.`,
    `I will remember that (${fact.about}: ${fact.value}).`,
    `Thank you for telling me (${fact.about}: ${fact.value}).`,
  ]);
}

function greet(sentence: string, { facts, pick }: Talk): string | null {
  if (
    !/^(?:hi|hello|hey|greetings|good (?:morning|afternoon|evening|day)|howdy)\b/i.test(sentence)
  ) {
    return /\bhow are you\b/i.test(sentence) ? "I am well, thank you. How can I help you?" : null;
  }
  const name = facts.known.get("name");
  const to = name === undefined ? "" : `, ${name}`;
  return pick([
    `Hello${to}! How can I help you?`,
    `Hi${to}! What can I do for you?`,
    `Hello${to}! What would you like to talk about?`,
  ]);
}

function thank(sentence: string): string | null {
  return /\b(?:thanks|thank you|thx)\b/i.test(sentence) ? "You are welcome!" : null;
}

function takeLeave(sentence: string, { facts }: Talk): string | null {
  if (!/^(?:bye|goodbye|good night|see you|farewell)\b/i.test(sentence)) return null;
  const name = facts.known.get("name");
  return name === undefined ? "Goodbye!" : `Goodbye, ${name}!`;
}

const saying = /^(?:please\s+)?(?:just\s+)?(?:say|repeat(?: after me)?|echo)\b[:,]?\s+(.+)$/is;
const answering =
  /^(?:please\s+)?(?:just\s+|only\s+)?(?:reply|respond|answer)\s+(?:only\s+)?with\s+(?:exactly|only|just|the (?:single )?word|one word)?[:,]?\s*(.+)$/is;

/** "Say …" and "Reply with …": the words themselves. */
function repeatAsTold(text: string): string | null {
  const told = (saying.exec(text) ?? answering.exec(text))?.[1];
  if (told === undefined || /^something\b/i.test(told)) return null;
  const bare = told.trim().replace(/^["'“‘`](.*?)["'”’`][.!]?$/s, "$1");
  return bare === "" ? null : bare;
}

function beyond(text: string): string {
  const verb = text.endsWith("?") ? "asked" : "said";
  return (
    `You ${verb}: “${quoted(text)}” I am Lifeboat's simulator, so I cannot know more about that: ` +
    "no language model is behind this answer."
  );
}

function quoted(text: string): string {
  return text.length <= mostQuoted ? text : `${text.slice(0, mostQuoted)}…`;
}

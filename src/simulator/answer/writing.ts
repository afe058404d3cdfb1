type Pick = (wordings: readonly string[]) => string;

const asksForWriting =
  /\b(?:write|tell|compose|generate|give|make up|create)\b[^.!?]*?\b(story|poem|essay|paragraph|article|text|letter|email|song|joke|haiku)\b(?:[^.!?]*?\b(?:about|on|of|to) ([^.!?\n]{1,80}))?/i;

/** Some lines to read, or to watch streaming, where the sentence asks for a text; null otherwise. */
export function writingFor(sentence: string, pick: Pick): string | null {
  const match = asksForWriting.exec(sentence);
  const form = match?.[1]?.toLowerCase();
  if (form === undefined) return null;
  if (form === "joke") return joke;
  const topic = match?.[2]?.trim() ?? "a lifeboat";
  const lines = ["poem", "song", "haiku"].includes(form) ? verse(topic) : prose(topic, pick);
  return `${lines}\n\n(Written by Lifeboat's simulator, from a template.)`;
}

const joke =
  "Why did the request cross the network? Because the first provider was out of quota. " +
  "(Lifeboat's simulator knows only this one.)";

function verse(topic: string): string {
  return [
    `I sing a song of ${topic},`,
    "as small and plain as songs can be;",
    "it has no model's wit in it,",
    "and came without a quota fee.",
  ].join("\n");
}

function prose(topic: string, pick: Pick): string {
  const opening = pick([
    `This is a short text about ${topic}.`,
    `Let us look at ${topic} for a moment.`,
    `Much could be said about ${topic}.`,
  ]);
  return [
    opening,
    `At first there was only the wish to write about ${topic}, and an empty page.`,
    "Then came a sentence, and after it another, each at the pace that the settings ask for.",
    `By the middle of it the reader knew no more about ${topic} than before, but the words kept coming.`,
    "A second paragraph might have followed here, with reasons and examples.",
    `So it ends as it began: with ${topic}, and with a reader who can see that streaming works.`,
  ].join(" ");
}

import type { ChatChunk, ChatCompletion } from "../contract/chat.ts";

/** Parses JSON that an upstream sent; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function choicesOf(value: unknown): readonly Readonly<Record<string, unknown>>[] | null {
  if (!isRecord(value) || !Array.isArray(value["choices"])) return null;
  const choices: readonly unknown[] = value["choices"];
  return choices.every(isRecord) ? choices : null;
}

/** A chunk as far as the relay reads it; what it does not read is not checked. */
export function isChatChunk(value: unknown): value is ChatChunk {
  return choicesOf(value)?.every((choice) => isRecord(choice["delta"])) ?? false;
}

/** A whole answer as far as the relay reads it: at least one choice, each with a message. */
export function isChatCompletion(value: unknown): value is ChatCompletion {
  const choices = choicesOf(value);
  return (
    choices !== null && choices.length > 0 && choices.every(({ message }) => isRecord(message))
  );
}

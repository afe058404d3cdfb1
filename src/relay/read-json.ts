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

/**
 * Whether a document that came with a success status says that it is an error: at its top, or in a
 * choice, as gateways put the error of the provider behind them. Words inside an answer decide
 * nothing, and a `message` that is an object is part of an answer.
 */
export function saysError(value: unknown): boolean {
  if (!isRecord(value)) return false;
  if (isPresent(value["error"]) || value["type"] === "error" || value["object"] === "error") {
    return true;
  }
  // An envelope beside the answer, with 0 for success.
  const envelope = value["base_resp"];
  if (isRecord(envelope) && isPresent(envelope["status_code"])) return true;
  const choices = choicesOf(value);
  if (choices !== null) return choices.some(isFailedChoice);
  return ["message", "code", "detail", "msg", "errors"].some(
    (field) => isPresent(value[field]) && !isRecord(value[field]),
  );
}

/** Finish reasons that mean that the provider gave up. */
const gaveUp: ReadonlySet<unknown> = new Set(["error", "insufficient_system_resource"]);

function isFailedChoice(choice: Readonly<Record<string, unknown>>): boolean {
  return isPresent(choice["error"]) || gaveUp.has(choice["finish_reason"]);
}

function isPresent(value: unknown): boolean {
  return ![undefined, null, false, "", 0].some((nothing) => nothing === value);
}

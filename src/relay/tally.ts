import type { ChatChunk, Usage } from "../contract/chat.ts";

/** What a stream has told about itself so far. */
export interface Tally {
  usage: Usage | null;
  /** A finish reason was seen: what came is the whole answer. */
  finished: boolean;
  done: boolean;
  model: string | null;
}

export function newTally(): Tally {
  return { usage: null, finished: false, done: false, model: null };
}

export function count(tally: Tally, chunk: ChatChunk): void {
  tally.usage = chunk.usage ?? tally.usage;
  tally.model ??= typeof chunk.model === "string" && chunk.model !== "" ? chunk.model : null;
  tally.finished ||= chunk.choices.some(({ finish_reason }) => typeof finish_reason === "string");
}

/** The extra chunk that only carries usage, which an app that did not ask for it must not see. */
export function isUsageOnly(chunk: ChatChunk): boolean {
  return chunk.choices.length === 0 && isObject(chunk.usage);
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

import type { ChatChunk, Usage } from "../contract/chat.ts";
import type { Delivered } from "../contract/decision.ts";
import { isFilled } from "./frame.ts";

/** What a stream has told about itself so far. */
export interface Tally {
  usage: Usage | null;
  done: boolean;
  model: string | null;
  /** Events that could not be read and were left out. */
  malformed: number;
  events: number;
  bytes: number;
  /** Choices by index that have spoken, and those of them that gave a finish reason. */
  readonly begun: Set<number>;
  readonly ended: Set<number>;
  /** How many choices were asked for. */
  readonly choices: number;
}

export function newTally(choices: number): Tally {
  return {
    choices,
    usage: null,
    done: false,
    model: null,
    malformed: 0,
    events: 0,
    bytes: 0,
    begun: new Set(),
    ended: new Set(),
  };
}

export function count(tally: Tally, chunk: ChatChunk): void {
  tally.usage = chunk.usage ?? tally.usage;
  tally.model ??= typeof chunk.model === "string" && chunk.model !== "" ? chunk.model : null;
  for (const { index, finish_reason } of chunk.choices) {
    tally.begun.add(index);
    if (isFilled(finish_reason)) tally.ended.add(index);
  }
}

/** Every choice that was asked for came, and gave its finish reason: what came is the whole answer. */
export function isWhole({ begun, ended, choices }: Tally): boolean {
  return ended.size >= Math.max(1, choices) && ended.size === begun.size;
}

export function deliveredOf({ events, bytes }: Tally): Delivered {
  return { events, bytes };
}

/** Whether a chunk, the extra one or one with output, carries usage. */
export function carriesUsage({ usage }: ChatChunk): boolean {
  return typeof usage === "object" && usage !== null;
}

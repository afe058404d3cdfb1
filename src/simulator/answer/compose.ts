import type { ChatBody } from "../read-chat-request.ts";
import { lastUserText, userTexts } from "./conversation.ts";
import { cutShort } from "./cut-short.ts";
import { converse } from "./dialogue.ts";
import { hintsFrom } from "./hints.ts";
import { documentFor } from "./json-from-schema.ts";
import { answerFromTools, namedTool, toolUseFor, type ToolUse } from "./tool-use.ts";

/** One choice of an answer, before it has ids and counts. */
export type Answer =
  | { readonly text: string; readonly toolUse: null; readonly finish: "stop" | "length" }
  | { readonly text: null; readonly toolUse: ToolUse; readonly finish: "stop" | "tool_calls" };

/**
 * Composes the choices of an answer. The same request and seed give the same text; with `echo` the
 * text is what the user said last.
 */
export function composeAnswers(
  chat: ChatBody,
  { seed, echo }: { seed: number; echo: boolean },
): readonly Answer[] {
  return Array.from({ length: chat.n ?? 1 }, (_, choice) => {
    if (echo) return cutShort(lastUserText(chat), chat);
    const toolUse = toolUseFor(chat);
    if (toolUse !== null) {
      return { text: null, toolUse, finish: namedTool(chat) === null ? "tool_calls" : "stop" };
    }
    return cutShort(inFormat(chat, wordsFor(chat, `${seed}/${chat.seed ?? ""}/${choice}/`)), chat);
  });
}

function wordsFor(chat: ChatBody, seed: string): string {
  return answerFromTools(chat) ?? converse(userTexts(chat), seed);
}

/** The words as they are, or in the JSON document that `response_format` asks for. */
function inFormat(chat: ChatBody, words: string): string {
  const format = chat.response_format;
  if (format?.type === "json_object") return JSON.stringify({ answer: words });
  if (format?.type !== "json_schema") return words;
  const schema = format.json_schema?.schema ?? { type: "object", properties: {} };
  return JSON.stringify(documentFor(schema, hintsFrom(userTexts(chat), words)));
}

import type { ChatBody } from "../read-chat-request.ts";
import {
  lastUserText,
  latestToolResults,
  textOf,
  type ToolResult,
  userTexts,
} from "./conversation.ts";
import { hintsFrom } from "./hints.ts";
import { documentFor, isSchema } from "./json-from-schema.ts";

/** A tool that the answer calls, and with what. */
export interface ToolUse {
  readonly name: string;
  /** A JSON document that is valid under the tool's parameters. */
  readonly arguments: string;
}

type Declared = NonNullable<NonNullable<ChatBody["tools"]>[number]["function"]>;

/**
 * The tool that this request is to be answered with: the one that `tool_choice` names or requires,
 * or that the user's message asks for by the words of its name. null for an answer in words.
 */
export function toolUseFor(chat: ChatBody): ToolUse | null {
  const declared = (chat.tools ?? []).flatMap((tool) => tool.function ?? []);
  const chosen = chooseTool(chat, declared);
  if (chosen === undefined) return null;
  const hints = hintsFrom(userTexts(chat), "");
  const schema = chosen.parameters ?? { type: "object", properties: {} };
  return { name: chosen.name, arguments: JSON.stringify(documentFor(schema, hints)) };
}

/** Whether `tool_choice` names one function: OpenAI then finishes with `stop`, not `tool_calls`. */
export function namedTool({ tool_choice }: ChatBody): string | null {
  if (!isSchema(tool_choice) || !isSchema(tool_choice["function"])) return null;
  const { name } = tool_choice["function"];
  return typeof name === "string" ? name : null;
}

function chooseTool(chat: ChatBody, declared: readonly Declared[]): Declared | undefined {
  if (chat.tool_choice === "none") return undefined;
  const name = namedTool(chat);
  if (name !== null) return declared.find((tool) => tool.name === name);
  const last = chat.messages.at(-1);
  const said = last?.role === "user" ? textOf(last) : "";
  const asked = declared.find((tool) => asksFor(said, tool.name));
  return chat.tool_choice === "required" ? (asked ?? declared[0]) : asked;
}

/** Words of a tool's name that say nothing of what it is about. */
const commonWords = new Set(
  "get fetch find search lookup look up set run do make call current the a an of for by in to and with tool function api".split(
    " ",
  ),
);

/** Whether a message has the tool's name in it, or every telling word of it. */
function asksFor(said: string, name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
  const text = said.toLowerCase();
  if (text === "" || words.length === 0) return false;
  if (text.includes(name.toLowerCase())) return true;
  const telling = words.filter((word) => !commonWords.has(word));
  const spoken = text.split(/[^\p{L}\p{N}]+/u);
  const all = telling.length > 0 ? telling : words;
  return all.every((word) => spoken.some((heard) => heard.startsWith(stemOf(word))));
}

/** `calculator` and `calculate` share their first letters. */
function stemOf(word: string): string {
  return word.length > 6 ? word.slice(0, -2) : word;
}

/** An answer that uses what the tools gave; null when the conversation does not end with a result. */
export function answerFromTools(chat: ChatBody): string | null {
  const results = latestToolResults(chat);
  if (results.length === 0) return null;
  const question = lastUserText(chat);
  const about = question === "" || question.length > 120 ? "" : ` to “${question}”`;
  return `Here is the answer${about}. ${results.map(reportOf).join(" ")}`;
}

function reportOf({ name, text }: ToolResult): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  if (!isSchema(value)) return `According to ${name}: ${text.trim()}.`;
  const fields = Object.entries(value).map(([key, held]) => `${key}: ${inWords(held)}`);
  return `According to ${name}: ${fields.join(", ")}.`;
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

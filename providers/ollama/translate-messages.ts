import type { Message } from "ollama/browser";
import type { ChatMessage, ContentPart, PastToolCall } from "../../src/contract/chat.ts";
import { isRecord, parseJson } from "../shared/json-values.ts";

/** As Ollama takes it; ids of tool calls are newer than the package's types. */
export interface OllamaMessage extends Message {
  images?: string[];
  tool_calls?: OllamaToolCall[];
  tool_call_id?: string;
}

interface OllamaToolCall {
  id?: string;
  function: { name: string; arguments: Record<string, unknown> };
}

export interface MessageNotes {
  /** What was changed, for `x-lifeboat-adapted`. */
  readonly adapted: Set<string>;
  /** What Ollama cannot take at all; the request must go elsewhere. */
  readonly unsupported: Set<string>;
}

const roles: Readonly<Record<string, string>> = {
  system: "system",
  developer: "system",
  user: "user",
  assistant: "assistant",
  tool: "tool",
  function: "tool",
};

/** Whether a message holds an image that can be sent; one that stands elsewhere cannot. */
export function hasImages({ content }: ChatMessage): boolean {
  if (!Array.isArray(content)) return false;
  return content.some((part: ContentPart) => base64Of(part.image_url?.url ?? "") !== null);
}

/** OpenAI's messages as Ollama's. Source: https://docs.ollama.com/api/chat */
export function translateMessages(
  messages: readonly ChatMessage[],
  notes: MessageNotes,
): OllamaMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message) => {
    for (const { id, function: called } of message.tool_calls ?? []) {
      if (called !== undefined) toolNames.set(id, called.name);
    }
    return translateMessage(message, toolNames, notes);
  });
}

function translateMessage(
  message: ChatMessage,
  toolNames: ReadonlyMap<string, string>,
  notes: MessageNotes,
): OllamaMessage {
  if (message.role === "developer") notes.adapted.add("developer→system");
  const translated: OllamaMessage = {
    // A template drops a message whose role it does not know; as the user's it is at least read.
    role: roles[message.role] ?? "user",
    ...translateContent(message.content, notes),
  };
  const thinking = message["reasoning_content"] ?? message["reasoning"];
  if (message.role === "assistant" && typeof thinking === "string" && thinking !== "") {
    translated.thinking = thinking;
  }
  const calls = message.tool_calls ?? [];
  if (calls.length > 0) {
    translated.tool_calls = calls.flatMap((call) => translateCall(call, notes));
  }
  if (translated.role === "tool") nameTool(translated, message, toolNames);
  return translated;
}

/** Ollama's templates know a tool's answer by the tool's name; OpenAI's messages only by the call's id. */
function nameTool(
  translated: OllamaMessage,
  message: ChatMessage,
  toolNames: ReadonlyMap<string, string>,
): void {
  const id = message.tool_call_id ?? null;
  const name = (id === null ? null : toolNames.get(id)) ?? message.name ?? null;
  if (name !== null) translated.tool_name = name;
  if (id !== null) translated.tool_call_id = id;
}

/** Arguments that are no JSON object (a model's slip, kept in the history) stay readable to the next model. */
function translateCall(call: PastToolCall, notes: MessageNotes): OllamaToolCall[] {
  if (call.function === undefined) {
    notes.unsupported.add("calls of custom tools cannot be sent to Ollama");
    return [];
  }
  const { name, arguments: text } = call.function;
  const parsed = text.trim() === "" ? {} : parseJson(text);
  if (isRecord(parsed)) return [{ id: call.id, function: { name, arguments: { ...parsed } } }];
  notes.adapted.add("tool_calls.arguments→_raw");
  return [{ id: call.id, function: { name, arguments: { _raw: text } } }];
}

function translateContent(
  content: ChatMessage["content"],
  notes: MessageNotes,
): { content: string; images?: string[] } {
  if (typeof content === "string") return { content };
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of content ?? []) {
    const { text, image } = readPart(part, notes);
    if (text !== undefined) texts.push(text);
    if (image !== undefined) images.push(image);
  }
  const joined = texts.join("\n");
  return images.length === 0 ? { content: joined } : { content: joined, images };
}

function readPart(part: ContentPart, notes: MessageNotes): { text?: string; image?: string } {
  if (typeof part.text === "string") return { text: part.text };
  if (typeof part["refusal"] === "string") return { text: part["refusal"] };
  if (part.type !== "image_url") {
    notes.unsupported.add(`content of type ${part.type.slice(0, 40)} cannot be sent to Ollama`);
    return {};
  }
  const image = base64Of(part.image_url?.url ?? "");
  if (image !== null) return { image };
  notes.unsupported.add(
    "Ollama takes images only as base64 data URLs; it does not fetch an image from its address",
  );
  return {};
}

/** The payload of a base64 data URL; null for any other URL. Source: RFC 2397. */
function base64Of(url: string): string | null {
  const comma = url.indexOf(",");
  if (comma < 0 || comma > 200) return null;
  const head = url.slice(0, comma).toLowerCase();
  if (!head.startsWith("data:") || !head.endsWith(";base64")) return null;
  return url.slice(comma + 1);
}

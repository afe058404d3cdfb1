import type { ChatRequest } from "../contract/chat.ts";
import { longestModelName } from "./chat-schema.ts";

/**
 * Whether a body is one of the plain sort: texts, and settings of one value each. The schema takes
 * every one of these, which a test holds; it need not be asked then, and asking it of a long
 * conversation costs more than parsing that.
 */
export function isPlainChat(value: unknown): value is ChatRequest {
  if (!isRecord(value) || !("model" in value) || !("messages" in value)) return false;
  return Object.entries(value).every(([field, content]) => isPlain.get(field)?.(content) ?? true);
}

const never = (): boolean => false;

/** What is plain of each field that the schema knows; others are for the provider to judge. */
const isPlain: ReadonlyMap<string, (content: unknown) => boolean> = new Map(
  Object.entries({
    model: (name) => typeof name === "string" && name !== "" && name.length <= longestModelName,
    messages: (all) => Array.isArray(all) && all.length > 0 && all.every(isPlainMessage),
    stream: (wanted) => typeof wanted === "boolean",
    temperature: Number.isFinite,
    top_p: Number.isFinite,
    seed: Number.isFinite,
    max_tokens: Number.isSafeInteger,
    max_completion_tokens: Number.isSafeInteger,
    stop: (text) => typeof text === "string",
    stream_options: never,
    tools: never,
    response_format: never,
    models: never,
    fallbacks: never,
  }),
);

function isPlainMessage(message: unknown): boolean {
  if (!isRecord(message) || typeof message["role"] !== "string") return false;
  const { content, name, tool_calls: calls, tool_call_id: call } = message;
  return (
    typeof content === "string" && name === undefined && calls === undefined && call === undefined
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

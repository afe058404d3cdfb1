import type { ChatBody, Message } from "../read-chat-request.ts";

/** What a message says; its images and other parts are left out. */
export function textOf({ content }: Pick<Message, "content">): string {
  if (typeof content === "string") return content;
  return (content ?? []).map(({ text }) => text ?? "").join("");
}

/** What the user said, turn by turn. */
export function userTexts(chat: ChatBody): readonly string[] {
  return chat.messages.filter(({ role }) => role === "user").map(textOf);
}

/** What the user said last; empty when nobody did. */
export function lastUserText(chat: ChatBody): string {
  return userTexts(chat).at(-1) ?? "";
}

/** A tool's result, with the name of the tool that gave it. */
export interface ToolResult {
  readonly name: string;
  readonly text: string;
}

/** The results that the conversation ends with; empty when it ends otherwise. */
export function latestToolResults(chat: ChatBody): readonly ToolResult[] {
  const lastOther = chat.messages.findLastIndex(({ role }) => role !== "tool");
  const calls = chat.messages.flatMap(({ tool_calls }) => tool_calls ?? []);
  return chat.messages.slice(lastOther + 1).map((message) => {
    const call = calls.find(({ id }) => id === message.tool_call_id);
    return { name: call?.function?.name ?? "the tool", text: textOf(message) };
  });
}

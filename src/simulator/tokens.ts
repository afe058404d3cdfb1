import { estimateTokenCount, splitByTokens } from "tokenx";
import { textOf } from "./answer/conversation.ts";
import type { ChatBody } from "./read-chat-request.ts";

/** What the chat format adds around each message, and before the answer. */
const perMessage = 4;
const beforeAnswer = 3;
const perImage = 85;

/** An estimate, as everything here that counts tokens; the text itself is never tokenised. */
export function countTokens(text: string): number {
  return estimateTokenCount(text);
}

/** The text in pieces of about one token; joined they are the text again. */
export function splitTokens(text: string): readonly string[] {
  return text === "" ? [] : splitByTokens(text, 1);
}

/** The prompt's share of `usage`: messages, the tools' declarations, images at low detail. */
export function countPrompt(chat: ChatBody): number {
  const messages = chat.messages.map((message) => {
    const calls = message.tool_calls ? countTokens(JSON.stringify(message.tool_calls)) : 0;
    const parts = Array.isArray(message.content) ? message.content : [];
    const images = parts.filter(({ type }) => type === "image_url").length * perImage;
    return perMessage + countTokens(textOf(message)) + calls + images;
  });
  const tools = chat.tools ? countTokens(JSON.stringify(chat.tools)) : 0;
  return messages.reduce((sum, tokens) => sum + tokens, beforeAnswer + tools);
}

/**
 * What a request weighs against a token limit: its prompt, or all that its answers may have,
 * whichever is more. Source: https://platform.openai.com/docs/guides/rate-limits
 */
export function limitTokens(chat: ChatBody, promptTokens: number): number {
  return Math.max(promptTokens, (mostTokens(chat) ?? 0) * (chat.n ?? 1));
}

/** The most tokens that one answer may have; null when the app did not say. */
export function mostTokens(chat: ChatBody): number | null {
  return chat.max_completion_tokens ?? chat.max_tokens ?? null;
}

import { sliceByTokens } from "tokenx";
import type { ChatBody } from "../read-chat-request.ts";
import { countTokens, mostTokens } from "../tokens.ts";

/** Ends a text where the request says: before its first stop sequence, and at its most tokens. */
export function cutShort(
  text: string,
  chat: ChatBody,
): { text: string; toolUse: null; finish: "stop" | "length" } {
  const stops = typeof chat.stop === "string" ? [chat.stop] : (chat.stop ?? []);
  const ends = stops.filter((stop) => stop !== "").map((stop) => text.indexOf(stop));
  const end = Math.min(...ends.filter((at) => at !== -1), text.length);
  const stopped = text.slice(0, end);
  const most = mostTokens(chat);
  if (most === null || countTokens(stopped) <= most) {
    return { text: stopped, toolUse: null, finish: "stop" };
  }
  return { text: sliceByTokens(stopped, 0, most), toolUse: null, finish: "length" };
}

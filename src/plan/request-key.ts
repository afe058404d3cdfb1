import type { ChatRequest } from "../contract/chat.ts";

/** Of a long first message so much tells conversations apart. */
const mostRead = 2_048;

/**
 * What requests have in common whose prompts begin alike: the key that the app gave for its
 * provider's cache, its user, or else the conversation's beginning.
 */
export function requestKey(request: ChatRequest): string {
  for (const field of ["prompt_cache_key", "safety_identifier", "user"]) {
    const value = request[field];
    if (typeof value === "string" && value !== "") return value;
  }
  const [first] = request.messages;
  const content = first?.content ?? "";
  return (typeof content === "string" ? content : JSON.stringify(content)).slice(0, mostRead);
}

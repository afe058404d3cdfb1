import type { z } from "zod";
import type { ChatRequest } from "../contract/chat.ts";
import { Refusal } from "../contract/refusal.ts";
import { chatSchema } from "./chat-schema.ts";
import { isPlainChat } from "./plain-chat.ts";

export interface ParsedChat {
  /** The app's own object, frozen; it is not copied and not cleaned. */
  readonly request: ChatRequest;
  /** The chain that the app asked for in `models` or `fallbacks`, the asked model first; null without one. */
  readonly chain: readonly string[] | null;
}

/** Reads a chat request; throws a 400 Refusal that names the first field which is wrong. */
export function parseChat(text: string): ParsedChat {
  const value = parseBody(text);
  if (isPlainChat(value)) return { request: Object.freeze(value), chain: null };
  const checked = chatSchema.safeParse(value);
  if (!checked.success) throw wrongField(checked.error.issues);
  if (!isChatRequest(value)) throw notAnObject();
  const { models, fallbacks, model } = checked.data;
  const chain = models ?? (fallbacks ? [model, ...fallbacks] : null);
  return { request: Object.freeze(value), chain };
}

/** The schema has judged it already; this only tells the compiler, without a copy. */
function isChatRequest(value: unknown): value is ChatRequest {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, {
      type: "invalid_request_error",
      code: "invalid_json",
      message: "The request's body is not valid JSON.",
    });
  }
}

function notAnObject(): Refusal {
  return new Refusal(400, {
    type: "invalid_request_error",
    code: "invalid_type",
    message: "The request's body must be a JSON object.",
  });
}

function wrongField(issues: readonly z.core.$ZodIssue[]): Refusal {
  const [issue] = issues;
  if (issue === undefined || issue.path.length === 0) return notAnObject();
  const param = issue.path.reduce<string>(
    (path, key) =>
      typeof key === "number"
        ? `${path}[${key}]`
        : path === ""
          ? String(key)
          : `${path}.${String(key)}`,
    "",
  );
  const missing =
    issue.code === "invalid_type" &&
    issue.input === undefined &&
    issue.message.endsWith("undefined");
  return new Refusal(400, {
    type: "invalid_request_error",
    code: missing ? "missing_required_parameter" : "invalid_value",
    message: missing
      ? `Missing required parameter: '${param}'.`
      : `Invalid value for '${param}': ${issue.message}.`,
    param,
  });
}

import { z } from "zod";
import type { ChatRequest } from "../contract/chat.ts";
import { Refusal } from "../contract/refusal.ts";

/**
 * OpenAI's chat dialect, as apps speak it to Lifeboat.
 * Only what routing and translation rest on is checked; the rest is for the provider to judge.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
const part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.looseObject({ url: z.string() }).optional(),
});

/** Functions, and what else there may be: custom tools have no `function`. */
const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const tool = z.looseObject({
  type: z.string(),
  function: z.looseObject({ name: z.string(), parameters: z.looseObject({}).nullish() }).optional(),
});

const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part), z.null()]).optional(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
});

/** Longer names would fill headers, logs and the isolate's memory. */
const modelName = z.string().min(1).max(256);
const mostInChain = 32;

const body = z.looseObject({
  model: modelName,
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).nullish(),
  response_format: z
    .looseObject({ type: z.string(), json_schema: z.looseObject({}).nullish() })
    .nullish(),
  max_tokens: z.int().nullish(),
  max_completion_tokens: z.int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  seed: z.number().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  models: z.array(modelName).min(1).max(mostInChain).nullish(),
  fallbacks: z.array(modelName).max(mostInChain).nullish(),
});

export interface ParsedChat {
  /** The app's own object, frozen; it is not copied and not cleaned. */
  readonly request: ChatRequest;
  /** The chain that the app asked for in `models` or `fallbacks`, the asked model first; null without one. */
  readonly chain: readonly string[] | null;
}

/** Reads a chat request; throws a 400 Refusal that names the first field which is wrong. */
export function parseChat(text: string): ParsedChat {
  const value = parseBody(text);
  const checked = body.safeParse(value);
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

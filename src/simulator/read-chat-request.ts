import { z } from "zod";
import { invalidRequest, type OpenAiError } from "./openai-error.ts";
import { describeIssue } from "./request-issue.ts";

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });

const toolCall = z.looseObject({
  id: z.string(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const chatMessage = z.looseObject({
  role: z.enum(["system", "assistant", "user", "function", "tool", "developer"]),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().optional(),
});

const tool = z.looseObject({
  type: z.string(),
  function: z
    .looseObject({
      name: z.string(),
      description: z.string().nullish(),
      parameters: z.record(z.string(), z.unknown()).nullish(),
    })
    .optional(),
});

const responseFormat = z.looseObject({
  type: z.enum(["text", "json_object", "json_schema"]),
  json_schema: z
    .looseObject({ name: z.string(), schema: z.record(z.string(), z.unknown()).nullish() })
    .optional(),
});

const tokenCount = z.int().min(1).nullish();

/** A chat request as far as the simulator reads it; what it does not name is not checked. */
const chatBodySchema = z.looseObject({
  model: z.string().min(1),
  messages: z.array(chatMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(tool).min(1).nullish(),
  tool_choice: z.unknown().optional(),
  response_format: responseFormat.nullish(),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
});

export type ChatBody = z.output<typeof chatBodySchema>;
export type Message = ChatBody["messages"][number];

export type ReadChat =
  | { readonly ok: true; readonly chat: ChatBody }
  | { readonly ok: false; readonly error: OpenAiError };

/**
 * Reads a request body as OpenAI's chat endpoint would: what it would refuse is refused with its
 * status, code and `param`. Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export function readChatRequest(text: string): ReadChat {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { ok: false, error: invalidRequest(notJson) };
  }
  const parsed = chatBodySchema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { ok: false, error: issue ? describeIssue(issue, body) : invalidRequest(notJson) };
  }
  const error = contradiction(parsed.data);
  return error === null ? { ok: true, chat: parsed.data } : { ok: false, error };
}

const notJson =
  "We could not parse the JSON body of your request. (HINT: This likely means you aren't using " +
  "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not " +
  "valid JSON.)";

/** What is wrong between fields that are each right. */
function contradiction(chat: ChatBody): OpenAiError | null {
  if (chat.stream_options && chat.stream !== true) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    return invalidRequest(message, { param: "stream_options" });
  }
  if (chat.tool_choice && chat.tool_choice !== "none" && !chat.tools) {
    const message = "'tool_choice' is only allowed when 'tools' are specified.";
    return invalidRequest(message, { param: "tool_choice" });
  }
  const format = chat.response_format;
  if (format?.type === "json_schema" && !format.json_schema) {
    const param = "response_format.json_schema";
    const message = `Missing required parameter: '${param}'.`;
    return invalidRequest(message, { param, code: "missing_required_parameter" });
  }
  return withoutContent(chat.messages) ?? strayToolMessage(chat.messages);
}

/** Only an assistant that calls tools may say nothing. */
function withoutContent(messages: readonly Message[]): OpenAiError | null {
  const at = messages.findIndex(
    ({ role, content }) => (content ?? null) === null && role !== "assistant",
  );
  if (at === -1) return null;
  const message = "Invalid value for 'content': expected a string, got null.";
  return invalidRequest(message, { param: `messages.[${at}].content` });
}

/** A tool's result must answer a call that the conversation made. */
function strayToolMessage(messages: readonly Message[]): OpenAiError | null {
  const called = new Set<string>();
  for (const [at, { role, tool_calls, tool_call_id }] of messages.entries()) {
    for (const { id } of tool_calls ?? []) called.add(id);
    if (role !== "tool" || (tool_call_id !== undefined && called.has(tool_call_id))) continue;
    const message =
      "Invalid parameter: messages with role 'tool' must be a response to a preceeding message " +
      "with 'tool_calls'.";
    return invalidRequest(message, { param: `messages.[${at}].role` });
  }
  return null;
}

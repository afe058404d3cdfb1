import type { ChatMessage, ChatRequest, ContentPart } from "../contract/chat.ts";
import type { Fitting, ModelFacts } from "../contract/route.ts";
import { needsOf } from "./needs.ts";

type Schema = Readonly<Record<string, unknown>>;

/** A request as a candidate gets it. */
export interface Fitted {
  readonly request: ChatRequest;
  /** What was changed, as `x-lifeboat-adapted` shows it. */
  readonly adapted: readonly string[];
  /** What the answer must match, since the candidate does not see to it; null where nothing is to be checked. */
  readonly mustMatch: Schema | null;
}

/**
 * Changes a request so that a model of these abilities can take it. Every change is named; where
 * none is needed the request is the very same object. Pure.
 */
export function fitRequest(request: ChatRequest, facts: ModelFacts, fitting: Fitting): Fitted {
  const adapted: string[] = [];
  let fitted = request;
  if (fitting.allowDegrade) fitted = degrade(fitted, facts, adapted);
  if (!fitting.refused.has("maxTokens")) fitted = shortenAnswer(fitted, facts, adapted);
  if (!fitting.refused.has("parallelToolCalls")) fitted = oneToolAtATime(fitted, facts, adapted);
  const schema = schemaToPut(fitted, facts, fitting);
  if (schema === null) return { request: fitted, adapted, mustMatch: null };
  adapted.push("json_schema→json_object");
  return { request: withSchemaInPrompt(fitted, schema), adapted, mustMatch: schema };
}

/** Leaves out what the model is known not to take, though it changes the meaning: the route said so. */
function degrade(request: ChatRequest, facts: ModelFacts, adapted: string[]): ChatRequest {
  const needs = needsOf(request);
  let degraded = request;
  if (needs.tools && facts.tools === false) {
    adapted.push("tools dropped");
    const { tools: _tools, tool_choice: _choice, ...rest } = degraded;
    const { parallel_tool_calls: _parallel, functions: _functions, ...others } = rest;
    const { function_call: _call, ...without } = others;
    degraded = { ...without, model: request.model, messages: request.messages.map(withoutCalls) };
  }
  if (needs.images && facts.images === false) {
    adapted.push("images dropped");
    degraded = { ...degraded, messages: degraded.messages.map(withoutImages) };
  }
  return degraded;
}

/** What was called and what came of it stays readable to a model that knows no tools. */
function withoutCalls(message: ChatMessage): ChatMessage {
  if (message.role === "tool") {
    const { tool_call_id: _id, ...rest } = message;
    return { ...rest, role: "user" };
  }
  const { tool_calls: calls, ...rest } = message;
  if (calls === undefined || calls === null) return message;
  const told = calls.map(({ function: called }) => `${called?.name}(${called?.arguments})`);
  return { ...rest, role: message.role, content: rest.content ?? told.join("\n") };
}

const imageLeftOut: ContentPart = { type: "text", text: "[an image was left out]" };

function withoutImages(message: ChatMessage): ChatMessage {
  const { content } = message;
  if (!Array.isArray(content)) return message;
  const parts = content.map((part: ContentPart) =>
    part.type === "image_url" ? imageLeftOut : part,
  );
  return { ...message, content: parts };
}

function shortenAnswer(
  request: ChatRequest,
  { maxOutput }: ModelFacts,
  adapted: string[],
): ChatRequest {
  if (maxOutput === null) return request;
  const over = (limit: number | null | undefined): boolean => (limit ?? 0) > maxOutput;
  const { max_tokens: older, max_completion_tokens: newer } = request;
  if (!over(older) && !over(newer)) return request;
  adapted.push(`${over(newer) ? "max_completion_tokens" : "max_tokens"}=${maxOutput}`);
  return {
    ...request,
    ...(over(older) && { max_tokens: maxOutput }),
    ...(over(newer) && { max_completion_tokens: maxOutput }),
  };
}

function oneToolAtATime(
  request: ChatRequest,
  { parallelTools }: ModelFacts,
  adapted: string[],
): ChatRequest {
  if (parallelTools !== false || request["parallel_tool_calls"] !== true) return request;
  adapted.push("parallel_tool_calls off");
  const { parallel_tool_calls: _parallel, ...rest } = request;
  return { ...rest, model: request.model, messages: request.messages };
}

/** The schema that the model cannot be held to by its provider, only asked for; null where there is none. */
function schemaToPut(
  { response_format: format }: ChatRequest,
  { jsonSchema, jsonMode }: ModelFacts,
  { refused }: Fitting,
): Schema | null {
  if (format?.type !== "json_schema" || jsonSchema !== false || jsonMode === false) return null;
  return refused.has("jsonSchema") ? null : (format.json_schema?.schema ?? null);
}

/** The word JSON has to stand in the prompt: https://platform.openai.com/docs/guides/structured-outputs#json-mode */
function withSchemaInPrompt(request: ChatRequest, schema: Schema): ChatRequest {
  const asked = `Answer with JSON only, no other text, that matches this JSON schema:\n${JSON.stringify(schema)}`;
  const [first, ...others] = request.messages;
  const isSystem = first?.role === "system" || first?.role === "developer";
  const joins = first !== undefined && isSystem && typeof first.content === "string";
  return {
    ...request,
    response_format: { type: "json_object" },
    messages: joins
      ? [{ ...first, content: `${first.content}\n\n${asked}` }, ...others]
      : [{ role: "system", content: asked }, ...request.messages],
  };
}

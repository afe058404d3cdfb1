import type { ChatRequest as OllamaChatRequest, Options, Tool } from "ollama/browser";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { Adaptation } from "../../src/contract/route.ts";
import { answerLimit } from "./context-size.ts";
import { isRecord } from "../shared/json-values.ts";
import type { Thinking } from "./thinking-memory.ts";
import { type OllamaMessage, translateMessages } from "./translate-messages.ts";

/** The body of `POST /api/chat`; the last fields are newer than some of the package's types. */
interface OllamaRequest extends OllamaChatRequest {
  stream: true;
  messages: OllamaMessage[];
  options: Partial<Options>;
  /** False: a prompt over the context is an error, and not silently cut at its start. */
  truncate: false;
  /** False: an answer that fills the context ends with `length`, and does not push the prompt out. */
  shift: false;
}

export type RequestTranslation =
  | { readonly ok: true; readonly body: OllamaRequest; readonly adapted: readonly string[] }
  | { readonly ok: false; readonly reason: string };

export interface Fitting {
  readonly model: string;
  /** The context to ask for, tokens. */
  readonly numCtx: number;
  readonly thinking: Thinking;
  /** How long the model stays loaded, where the request does not say; null leaves it to the server. */
  readonly keepAlive: string | number | null;
  /** Whether it thinks, where the request does not say; null leaves it to the server. */
  readonly think: boolean | null;
  /** Changes that the route does not want. */
  readonly refused: ReadonlySet<Adaptation>;
  /** Whether what Ollama has no word for may be left out where that changes the meaning. */
  readonly allowDegrade: boolean;
}

interface Changes {
  /** What leaves the request's meaning. */
  readonly adapted: Set<string>;
  /** What is left out and changes it. */
  readonly lost: Set<string>;
}

/**
 * OpenAI's chat request as Ollama's, with a note of each change in meaning. Fields that Ollama has
 * no word for and that do not change the answer's meaning are left out without one.
 * Source: https://docs.ollama.com/api/chat
 */
export function translateRequest(request: ChatRequest, fitting: Fitting): RequestTranslation {
  const adapted = new Set<string>([`num_ctx=${fitting.numCtx}`]);
  const lost = new Set<string>();
  const unsupported = new Set<string>();
  const messages = translateMessages(request.messages, { adapted, unsupported });
  const [reason] = unsupported;
  if (reason !== undefined) return { ok: false, reason };

  const body: OllamaRequest = {
    model: fitting.model,
    messages,
    stream: true,
    truncate: false,
    shift: false,
    options: { num_ctx: fitting.numCtx, ...translateOptions(request) },
  };
  const tools = chooseTools(request, { adapted, lost });
  if (tools.length > 0) body.tools = tools;
  const format = chooseFormat(request, adapted);
  if (format !== null) body.format = format;
  const think = chooseThinking(request, fitting, adapted);
  if (think !== null) body.think = think;
  const keepAlive = request["keep_alive"] ?? fitting.keepAlive;
  if (typeof keepAlive === "string" || typeof keepAlive === "number") body.keep_alive = keepAlive;
  if (request["logprobs"] === true) Object.assign(body, logprobsOf(request));
  noteDropped(request, { adapted, lost });
  const unwanted = unwantedOf({ adapted, lost }, fitting);
  if (unwanted !== null) return { ok: false, reason: unwanted };
  return { ok: true, body, adapted: [...adapted, ...lost] };
}

/** Why the route does not want the changes; null when it does not mind them. */
function unwantedOf({ adapted, lost }: Changes, { refused, allowDegrade }: Fitting): string | null {
  const [left] = lost;
  if (left !== undefined && !allowDegrade) {
    return `Ollama would need "${left}", which changes what is asked`;
  }
  const unwanted = [...adapted].find((change) => isRefused(change, refused));
  if (unwanted === undefined) return null;
  return `Ollama would need "${unwanted}", which the route refuses`;
}

/** Which of the switchable changes a note tells of. */
const switches: readonly (readonly [RegExp, Adaptation])[] = [
  [/^json_schema/, "jsonSchema"],
  [/^strict=/, "jsonSchema"],
  [/^developer/, "developerRole"],
  [/^parallel_tool_calls/, "parallelToolCalls"],
  [/^reasoning_effort/, "reasoningEffort"],
  [/^(?:logit_bias|n=)/, "sampling"],
  [/^tool_c(?:hoice|alls)/, "toolCalls"],
];

function isRefused(change: string, refused: ReadonlySet<Adaptation>): boolean {
  return switches.some(([pattern, kind]) => refused.has(kind) && pattern.test(change));
}

/** Sampling settings that go by the same name in both. */
const sameOptions = [
  "temperature",
  "top_p",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "top_k",
  "min_p",
  "repeat_penalty",
] as const;

function translateOptions(request: ChatRequest): Partial<Options> {
  const options: Partial<Options> = {};
  for (const name of sameOptions) {
    const value = request[name];
    if (typeof value === "number") options[name] = value;
  }
  const limit = answerLimit(request);
  if (limit !== null) options.num_predict = limit;
  const { stop } = request;
  if (typeof stop === "string") options.stop = [stop];
  else if (stop !== null && stop !== undefined && stop.length > 0) options.stop = [...stop];
  return options;
}

/** Ollama has no `tool_choice`: leaving the tools out is `none`, offering just one is as near as a named one gets. */
function chooseTools(request: ChatRequest, { adapted, lost }: Changes): Tool[] {
  const choice = request.tool_choice ?? "auto";
  if (choice === "none") return [];
  const tools = (request.tools ?? []).map(completeTool).filter(isTool);
  if (tools.length < (request.tools ?? []).length) lost.add("tools of other types dropped");
  if (tools.length === 0) return [];
  if (tools.some((tool) => "strict" in tool.function && tool.function.strict === true)) {
    adapted.add("strict=false");
  }
  if (request["parallel_tool_calls"] === false) adapted.add("parallel_tool_calls=true");
  if (choice === "auto") return tools;
  adapted.add("tool_choice=auto");
  const named = nameOf(choice);
  return named === null ? tools : tools.filter((tool) => tool.function.name === named);
}

function nameOf(choice: unknown): string | null {
  if (!isRecord(choice) || !isRecord(choice["function"])) return null;
  const { name } = choice["function"];
  return typeof name === "string" ? name : null;
}

/** Templates expect a schema even for a function without parameters. */
function completeTool(tool: NonNullable<ChatRequest["tools"]>[number]): unknown {
  const parameters = { type: "object", properties: {} };
  return { type: tool.type, function: tool.function && { parameters, ...tool.function } };
}

/** A function tool by its name; what its schema holds is for Ollama to judge. */
function isTool(tool: unknown): tool is Tool {
  if (!isRecord(tool) || tool["type"] !== "function" || !isRecord(tool["function"])) return false;
  return typeof tool["function"]["name"] === "string";
}

/** Source: https://docs.ollama.com/capabilities/structured-outputs */
function chooseFormat(request: ChatRequest, adapted: Set<string>): string | object | null {
  const format = request.response_format;
  if (format?.type === "json_object") return "json";
  if (format?.type !== "json_schema") return null;
  const schema = format.json_schema?.schema;
  adapted.add(schema === undefined ? "json_schema→json_object" : "json_schema→format");
  return schema ?? "json";
}

/** Source: https://docs.ollama.com/capabilities/thinking */
const thinkLevels: Readonly<Record<string, false | "low" | "medium" | "high">> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "high",
  max: "high",
};

/** Levels are for few models (gpt-oss); all others refuse them, and think or do not. */
function chooseThinking(
  request: ChatRequest,
  { thinking, think }: Pick<Fitting, "thinking" | "think">,
  adapted: Set<string>,
): boolean | "low" | "medium" | "high" | null {
  const effort = request["reasoning_effort"];
  if (typeof effort !== "string") return thinking === "never" ? null : think;
  const level = thinkLevels[effort];
  if (level === false) return false;
  if (level === undefined || thinking === "never") {
    adapted.add("reasoning_effort dropped");
    return null;
  }
  if (thinking === "switch") {
    adapted.add("reasoning_effort→think");
    return true;
  }
  if (level !== effort) adapted.add(`reasoning_effort=${level}`);
  return level;
}

/** Servers before 0.12.11 know of none, and answer without. */
function logprobsOf({ top_logprobs: top }: ChatRequest): Partial<OllamaRequest> {
  return { logprobs: true, ...(typeof top === "number" && { top_logprobs: top }) };
}

/** What changes the answer when it is left out, and Ollama (or this translation) has no word for. */
function noteDropped(request: ChatRequest, { adapted, lost }: Changes): void {
  if (typeof request["n"] === "number" && request["n"] > 1) adapted.add("n=1");
  if (isRecord(request["logit_bias"]) && Object.keys(request["logit_bias"]).length > 0) {
    adapted.add("logit_bias dropped");
  }
  const { functions } = request;
  const offered = Array.isArray(functions) && functions.length > 0;
  if (offered && request["function_call"] !== "none") lost.add("functions dropped");
  if (isRecord(request["web_search_options"])) lost.add("web_search_options dropped");
  const modalities = request["modalities"];
  if (Array.isArray(modalities) && modalities.includes("audio")) lost.add("modalities=text");
}

import type { ChatRequest } from "../contract/chat.ts";

/** What a request uses that not every model has. */
export interface Needs {
  readonly tools: boolean;
  readonly images: boolean;
  readonly audio: boolean;
  readonly jsonSchema: boolean;
}

/** Reads a request once for all candidates. Messages of the past count: a model reads them too. */
export function needsOf(request: ChatRequest): Needs {
  const { response_format: format, messages } = request;
  let images = false;
  let audio = false;
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue;
    for (const { type } of content) {
      images ||= type === "image_url";
      audio ||= type === "input_audio";
    }
  }
  return {
    tools: needsTools(request),
    images,
    audio,
    jsonSchema: format?.type === "json_schema",
  };
}

/** In today's words or in those before tools. */
function needsTools(request: ChatRequest): boolean {
  const { tools, tool_choice: choice, functions, function_call: call } = request;
  if ((tools?.length ?? 0) > 0 && choice !== "none") return true;
  return Array.isArray(functions) && functions.length > 0 && call !== "none";
}

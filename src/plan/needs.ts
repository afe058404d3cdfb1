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
  const { tools, tool_choice: choice, response_format: format, messages } = request;
  const { functions, function_call: call } = request;
  const older = Array.isArray(functions) && functions.length > 0 && call !== "none";
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
    tools: older || ((tools?.length ?? 0) > 0 && choice !== "none"),
    images,
    audio,
    jsonSchema: format?.type === "json_schema",
  };
}

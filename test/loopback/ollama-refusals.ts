import { isRecord, isString, list, type Body } from "./json-bodies.ts";
import type { OllamaModel } from "./ollama-machine.ts";

export interface OllamaRefusal {
  readonly status: number;
  readonly error: string;
}

/** What cannot be read as a request at all, before anybody looks for the model. */
export function refuseToRead(body: Body): OllamaRefusal | null {
  const images = list(body["messages"]).flatMap((message) => list(message["images"], isString));
  if (images.some((image) => !/^[A-Za-z0-9+/]*={0,2}$/.test(image))) {
    return { status: 400, error: "illegal base64 data at input byte 4" };
  }
  for (const { function: called } of list(body["tools"])) {
    const { parameters = {} } = isRecord(called) ? called : {};
    if (isRecord(parameters) && typeof (parameters["type"] ?? "") !== "string") {
      return { status: 400, error: `json: cannot unmarshal array into Go ${field} of type string` };
    }
  }
  if (!/^[\w./:-]+$/.test(String(body["model"]))) {
    return { status: 400, error: "model is required" };
  }
  return null;
}

const field = "struct field ToolFunctionParameters.tools.function.parameters.type";

/** What a model cannot do, as far as that shows before it is loaded. */
export function refuseToLoad(body: Body, model: OllamaModel): OllamaRefusal | null {
  if (thinks(body) && !model.can.includes("thinking")) {
    return { status: 400, error: `"${String(body["model"])}" does not support thinking` };
  }
  if (list(body["tools"]).length > 0 && !model.can.includes("tools")) {
    const error = `registry.ollama.ai/library/${model.name} does not support tools`;
    return { status: 400, error };
  }
  return null;
}

/** What shows only when the model is there. A model that sees no images answers as if there were none. */
export function refuseToAnswer(body: Body, model: OllamaModel, context: number) {
  const { think } = body;
  if (typeof think === "string" && !model.can.includes("levels")) {
    return { status: 400, error: `think value "${think}" is not supported for this model` };
  }
  const fits = promptTokens(body) <= Math.min(context, model.window ?? context);
  if (body["truncate"] !== false || fits) return null;
  return { status: 400, error: "the input length exceeds the context length" };
}

export function promptTokens(body: Body): number {
  return list(body["messages"]).flatMap(({ content }) => wordsOf(String(content))).length;
}

export function wordsOf(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [];
}

/** Whether the request asks for thinking; a model that can does so unasked. */
export function thinks({ think }: Body): boolean {
  return think !== undefined && think !== false;
}

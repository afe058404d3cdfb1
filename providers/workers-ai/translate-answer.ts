import { isRecord, parseJson } from "../shared/json-values.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * A whole answer in OpenAI's shape. Newer models answer in it; older ones say `{ response, tool_calls,
 * usage }`, which is put into it. What is neither is left for the relay to judge.
 */
export function translateDocument(text: string, model: string): string {
  const said = parseJson(text);
  const value = isRecord(said) && isRecord(said["result"]) ? said["result"] : said;
  if (!isRecord(value)) return text;
  if (Array.isArray(value["choices"])) return JSON.stringify(value);
  if (!("response" in value) && !("tool_calls" in value)) return text;
  return JSON.stringify({
    ...head(model),
    object: "chat.completion",
    choices: [{ index: 0, ...messageIn(value) }],
    ...(isRecord(value["usage"]) && { usage: value["usage"] }),
  });
}

function messageIn(value: Fields) {
  const calls = toolCalls(value);
  if (calls.length > 0) {
    const message = { role: "assistant", content: null, tool_calls: calls };
    return { message, finish_reason: "tool_calls" };
  }
  const { response } = value;
  const content = typeof response === "string" ? response : JSON.stringify(response ?? null);
  return { message: { role: "assistant", content }, finish_reason: "stop" };
}

/** The same for a stream: older models say `data: {"response":"…"}` for each piece, and no finish reason. */
export function translateStream(
  body: ReadableStream<Uint8Array>,
  model: string,
): ReadableStream<Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const events = new EventTranslation(model);
  let pending = "";
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        const lines = (pending + decoder.decode(bytes, { stream: true })).split("\n");
        pending = lines.pop() ?? "";
        const out = lines.flatMap((line) => events.translate(line.trimEnd()));
        if (out.length > 0) controller.enqueue(encoder.encode(out.join("")));
      },
      flush(controller) {
        const out = pending === "" ? [] : events.translate(pending.trimEnd());
        if (out.length > 0) controller.enqueue(encoder.encode(out.join("")));
      },
    }),
  );
}

class EventTranslation {
  readonly #head: Fields;
  /** Only an answer in the older shape is given an end of ours. */
  #older = false;
  #calls = 0;
  #usage: Fields | null = null;

  constructor(model: string) {
    this.#head = { ...head(model), object: "chat.completion.chunk" };
  }

  translate(line: string): string[] {
    if (!line.startsWith("data:")) return [];
    const data = line.slice("data:".length).trim();
    if (data === "[DONE]") return [...this.#end(), event(data)];
    const value = parseJson(data);
    if (!isRecord(value) || Array.isArray(value["choices"]) || !("response" in value)) {
      return [event(data)];
    }
    this.#older = true;
    if (isRecord(value["usage"])) this.#usage = value["usage"];
    const calls = toolCalls(value).map((call) => ({ index: this.#calls++, ...call }));
    const content = typeof value["response"] === "string" ? value["response"] : "";
    if (calls.length === 0 && content === "") return [];
    return [this.#chunk({ content, ...(calls.length > 0 && { tool_calls: calls }) }, null)];
  }

  #end(): string[] {
    if (!this.#older) return [];
    const finish = this.#chunk({}, this.#calls > 0 ? "tool_calls" : "stop");
    const usage = { ...this.#head, choices: [], usage: this.#usage };
    return this.#usage === null ? [finish] : [finish, event(JSON.stringify(usage))];
  }

  #chunk(delta: Fields, finish: string | null): string {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    return event(JSON.stringify({ ...this.#head, choices }));
  }
}

function event(data: string): string {
  return `data: ${data}\n\n`;
}

function head(model: string): Fields {
  return { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
}

/** Older models give each call as `{ name, arguments }`, the arguments as an object. */
function toolCalls(value: Fields) {
  const calls = Array.isArray(value["tool_calls"]) ? value["tool_calls"] : [];
  return calls.filter(isRecord).flatMap((call) => {
    const called = isRecord(call["function"]) ? call["function"] : call;
    const { name, arguments: args } = called;
    if (typeof name !== "string") return [];
    const text = typeof args === "string" ? args : JSON.stringify(args ?? {});
    const id = typeof call["id"] === "string" ? call["id"] : `call_${crypto.randomUUID()}`;
    return [{ id, type: "function", function: { name, arguments: text } }];
  });
}

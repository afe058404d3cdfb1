/** One payload of a body that may be a stream of server-sent events or of JSON lines. */
export interface Payload {
  /** The event's name; empty for JSON lines and plain bodies. */
  readonly event: string;
  readonly data: string;
}

const mostPayloads = 2_000;

/**
 * Cuts a whole body into its payloads: server-sent events, JSON lines, or the body itself as the
 * only one. `[DONE]` and comments are no payloads.
 */
export function payloadsOf(body: string): readonly Payload[] {
  const text = body.trim();
  if (text === "") return [];
  if (/^(?:data|event|id|retry) ?:|^:/.test(text) || /\n(?:data|event):/.test(text)) {
    return ssePayloads(text);
  }
  const lines = text
    .split("\n", mostPayloads)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (lines.length > 1 && lines.every((line) => line.startsWith("{") && line.endsWith("}"))) {
    return lines.map((data) => ({ event: "", data }));
  }
  return [{ event: "", data: text }];
}

function ssePayloads(text: string): readonly Payload[] {
  const payloads: Payload[] = [];
  let event = "";
  let data: string[] = [];
  const finish = (): void => {
    const joined = data.join("\n").trim();
    if (joined !== "" && joined !== "[DONE]") payloads.push({ event, data: joined });
    event = "";
    data = [];
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (payloads.length >= mostPayloads) break;
    if (line === "") finish();
    else if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
    else if (line.startsWith("event:")) event = line.slice(6).trim();
  }
  finish();
  return payloads;
}

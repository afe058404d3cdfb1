import { Refusal } from "../contract/refusal.ts";

/** Reads a request's body as text; throws a 413 Refusal as soon as it is larger than `limit` bytes. */
export function readBody(request: Request, limit: number): Promise<string> {
  const announced = Number(request.headers.get("content-length") ?? Number.NaN);
  if (announced > limit) return Promise.reject(tooLarge(limit));
  // An announced length is kept by the runtime; only a body of unknown length must be counted.
  if (!Number.isNaN(announced)) return request.text();
  return readCounted(request.body, limit);
}

async function readCounted(
  body: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  return parts.join("") + decoder.decode();
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, {
    type: "invalid_request_error",
    code: "request_too_large",
    message: `The request's body is larger than ${limit} bytes.`,
  });
}

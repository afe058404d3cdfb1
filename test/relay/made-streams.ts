import { isErrorDocument } from "../../providers/shared/error-in-success.ts";
import type { ChatChunk, Delta } from "../../src/contract/chat.ts";
import type { Failure } from "../../src/contract/failure.ts";
import type { ProviderOutput } from "../../src/contract/provider.ts";
import type { RelayOptions, RelayResult } from "../../src/relay/relay-answer.ts";

export const encoder = new TextEncoder();

export function failed(message: string): Failure {
  return {
    class: "server_error",
    failsOver: true,
    verdict: "failure",
    scope: "candidate",
    retryAfterMs: null,
    status: null,
    code: null,
    type: null,
    message,
    body: null,
    contentType: null,
  };
}

export function options(overrides: Partial<RelayOptions> = {}): RelayOptions {
  return {
    stream: true,
    check: null,
    choices: 1,
    hideUsage: true,
    hold: { tokens: 0, ms: 0 },
    pause: (ms) => scheduler.wait(ms).then(() => true),
    readAll: false,
    carryOn: null,
    failures: {
      saysError: isErrorDocument,
      broken: (error) => failed(`broken: ${error instanceof Error ? error.message : ""}`),
      said: (text, site) => failed(`${site}: ${text}`),
    },
    errorFrame: (failure) => encoder.encode(`data: {"error":"${failure.message}"}\n\n`),
    waiting: () => undefined,
    arrived: () => undefined,
    onFirstToken: () => undefined,
    onFinish: () => undefined,
    ...overrides,
  };
}

export function chunk(delta: Delta, finish: string | null = null, extra: object = {}): ChatChunk {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "real-model",
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...extra,
  };
}

export const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
export const usageChunk: ChatChunk = { ...chunk({}), choices: [], usage };
export const data = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;
export const role = data(chunk({ role: "assistant", content: "" }));
export const text = data(chunk({ content: "Hi" }));
export const stop = data(chunk({}, "stop"));
export const done = "data: [DONE]\n\n";

/** A body that delivers the given pieces, then ends or breaks. */
export function sse(pieces: readonly string[], end: "close" | "break" = "close"): ProviderOutput {
  const left = pieces.map((piece) => encoder.encode(piece));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(next);
      else if (end === "close") controller.close();
      else controller.error(new Error("reset"));
    },
  });
  return { form: "sse", body };
}

export async function read(result: RelayResult) {
  if (!result.ok || result.reply.form !== "stream") throw new Error("no stream came");
  const body = await new Response(result.reply.body).text();
  return { body, ending: await result.reply.ended };
}

/** The same bytes as a body that is cut at the given places, modulo its length. */
export function cutAt(bytes: Uint8Array, at: readonly number[]): ProviderOutput {
  const places = at.map((where) => where % bytes.length).filter((where) => where > 0);
  const ends = [...new Set([...places, bytes.length])].sort((a, b) => a - b);
  const pieces = ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = pieces.shift();
      if (next === undefined) controller.close();
      else controller.enqueue(next);
    },
  });
  return { form: "sse", body };
}

import type { ChatCompletion, Usage } from "../contract/chat.ts";
import type { Failure } from "../contract/failure.ts";
import type { ProviderOutput } from "../contract/provider.ts";
import { collectAnswer } from "./collect-answer.ts";
import { awaitCommit } from "./commit-gate.ts";
import { DocumentSource } from "./document-source.ts";
import { EventSource } from "./event-source.ts";
import type { FrameSource } from "./frame.ts";
import { isChatCompletion, parseJson } from "./read-json.ts";
import { SseSource } from "./sse-source.ts";
import { streamAnswer, type Ending, type StreamOptions } from "./stream-answer.ts";
import { newTally } from "./tally.ts";

export type Reply =
  | {
      readonly form: "document";
      readonly text: string;
      readonly usage: Usage | null;
      /** What the provider calls the model that answered; null when it does not say. */
      readonly model: string | null;
      readonly malformed: number;
    }
  | {
      readonly form: "stream";
      readonly body: ReadableStream<Uint8Array>;
      readonly ended: Promise<Ending>;
    };

export type RelayResult =
  | { readonly ok: true; readonly reply: Reply }
  | { readonly ok: false; readonly failure: Failure };

export interface RelayOptions extends StreamOptions {
  /** What the app asked for; the upstream's form may differ. */
  readonly stream: boolean;
  /** Judges a whole answer before the app sees any of it; null where nothing is to be judged. */
  readonly check: ((answer: ChatCompletion) => Failure | null) | null;
}

/**
 * Turns what an upstream gave into what the app asked for. It returns at commit: a stream's first
 * meaningful output is there, or a whole answer is. Until then every fault is a failure that
 * another candidate can make good.
 */
export async function relayAnswer(
  output: ProviderOutput,
  options: RelayOptions,
): Promise<RelayResult> {
  if (output.form === "json") return relayDocument(output, options);
  const source: FrameSource =
    output.form === "sse"
      ? new SseSource(output.body, options.failures)
      : new EventSource(output.events, options.failures);
  return options.stream && options.check === null
    ? relayStream(source, options)
    : relayCollected(source, options);
}

async function relayDocument(
  output: Extract<ProviderOutput, { form: "json" }>,
  options: RelayOptions,
): Promise<RelayResult> {
  let text: string;
  try {
    text = await output.read();
  } catch (error) {
    return { ok: false, failure: options.failures.broken(error) };
  }
  const value = parseJson(text);
  if (options.failures.saysError(value) || !isChatCompletion(value)) {
    return { ok: false, failure: options.failures.said(text, "body") };
  }
  const failure = options.check?.(value) ?? null;
  if (failure !== null) return { ok: false, failure };
  if (options.stream) return relayStream(new DocumentSource(value), options);
  options.onFirstToken();
  return { ok: true, reply: { form: "document", text, ...toldBy(value), malformed: 0 } };
}

async function relayStream(source: FrameSource, options: RelayOptions): Promise<RelayResult> {
  const tally = newTally(options.choices);
  const gate = await awaitCommit(source, tally, options);
  if (!gate.committed) {
    source.cancel();
    return { ok: false, failure: gate.failure };
  }
  const { body, ended } = streamAnswer(gate, tally, options);
  return { ok: true, reply: { form: "stream", body, ended } };
}

async function relayCollected(source: FrameSource, options: RelayOptions): Promise<RelayResult> {
  const collected = await collectAnswer(source, options);
  if (!collected.whole) {
    source.cancel();
    return { ok: false, failure: collected.failure };
  }
  const { completion, usage, malformed } = collected;
  const failure = options.check?.(completion) ?? null;
  if (failure !== null) return { ok: false, failure };
  if (options.stream) return relayStream(new DocumentSource(completion), options);
  const text = JSON.stringify(completion);
  const reply = { form: "document", text, ...toldBy(completion), usage, malformed } as const;
  return { ok: true, reply };
}

function toldBy({ usage, model }: ChatCompletion): { usage: Usage | null; model: string | null } {
  return { usage: usage ?? null, model: typeof model === "string" ? model : null };
}

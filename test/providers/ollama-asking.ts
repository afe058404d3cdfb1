import { ollama } from "../../providers/ollama/index.ts";
import { estimateOf } from "../../src/plan/estimate.ts";
import type { ChatChunk, ChatRequest } from "../../src/contract/chat.ts";
import type { Failure } from "../../src/contract/failure.ts";
import type { Adaptation } from "../../src/contract/route.ts";
import type {
  Provider,
  ProviderAnswer,
  ProviderEvent,
  ProviderSettings,
} from "../../src/contract/provider.ts";

/** The adapter as the router connects it. */
export function connect(settings: Partial<ProviderSettings> & { baseUrl: string }): Provider {
  return ollama.connect({ name: "ollama", apiKey: null, headers: {}, ...settings });
}

/** Asks with one message from the user; `request` takes the place of its parts. */
export function ask(
  provider: Provider,
  text: string,
  {
    model = "llama3.2",
    signal = new AbortController().signal,
    refused,
    promptRatio = 1,
    allowDegrade = false,
    now = 1_700_000_000_000,
    ...request
  }: Asking = {},
): Promise<ProviderAnswer> {
  const messages = [{ role: "user", content: text }];
  const asked = Object.freeze<ChatRequest>({ model: "chat", messages, ...request });
  return provider.call({
    model,
    request: asked,
    stream: false,
    promptTokens: () => estimateOf(asked).tokens.input * promptRatio,
    ...(refused !== undefined && { refused }),
    allowDegrade,
    signal,
    fetch,
    clock: { now: () => now },
  });
}

export interface Asking extends Partial<ChatRequest> {
  readonly signal?: AbortSignal;
  readonly refused?: ReadonlySet<Adaptation>;
  readonly promptRatio?: number;
  readonly allowDegrade?: boolean;
  readonly now?: number;
}

export function eventsOf(answer: ProviderAnswer): AsyncIterable<ProviderEvent> {
  if (!answer.ok) throw new Error(`failed: ${answer.failure.class} ${answer.failure.message}`);
  if (answer.output.form !== "events") throw new Error(answer.output.form);
  return answer.output.events;
}

export function failureOf(answer: ProviderAnswer): Failure {
  if (answer.ok) throw new Error("it answered");
  return answer.failure;
}

/** Reads an answer to its end. */
export async function collect(answer: ProviderAnswer) {
  const chunks: ChatChunk[] = [];
  let failure: Failure | null = null;
  let malformed = 0;
  for await (const event of eventsOf(answer)) {
    if (event.type === "chunk") chunks.push(event.chunk);
    else if (event.type === "failure") ({ failure } = event);
    else malformed += 1;
  }
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    chunks,
    failure,
    malformed,
    text: choices.map(({ delta }) => delta.content ?? "").join(""),
    thinking: choices.map(({ delta }) => delta.reasoning_content ?? "").join(""),
    finish: choices.map(({ finish_reason }) => finish_reason).findLast((reason) => reason !== null),
    usage: chunks.at(-1)?.usage ?? null,
  };
}

import type { Behaviour } from "../loopback/behaviour.ts";
import type { OllamaBehaviour } from "../loopback/ollama-behaviour.ts";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";

const words = "one two three four five six seven eight nine ten";
const largeWord = `${"x".repeat(1_000)} `;
const largeTimes = 10_000;

/** A fault as either dialect shows it; null: nobody listens at all. */
export interface Fault {
  readonly name: string;
  readonly openai: Behaviour | null;
  readonly ollama: OllamaBehaviour | null;
  /** What the app sees of it, streaming: another's answer, this one's, or this one's beginning and an error. */
  readonly streaming: View | { readonly openai: View; readonly ollama: View };
  readonly whole: View | { readonly openai: View; readonly ollama: View };
  readonly large?: true;
}

export type View = "other" | "own" | "error";

const say = (behaviour: Behaviour): Behaviour => ({ text: words, ...behaviour });

/** What an upstream can do to a stream, each the same thing in two dialects. */
export const faults: readonly Fault[] = [
  { name: "refused", openai: null, ollama: null, streaming: "other", whole: "other" },
  {
    name: "reset before headers",
    openai: { do: "reset" },
    ollama: { refuse: true },
    streaming: "other",
    whole: "other",
  },
  {
    name: "never headers",
    openai: { do: "silent" },
    ollama: { silent: true },
    streaming: "other",
    whole: "other",
  },
  {
    name: "200, then silence",
    openai: { do: "headers-then-silence" },
    ollama: { headersOnly: true },
    streaming: "other",
    whole: "other",
  },
  {
    name: "role only, then cut",
    openai: say({ do: "cut", after: 1 }),
    ollama: { emptyFirst: true, cutAfter: 1 },
    streaming: "other",
    whole: "other",
  },
  {
    name: "error event first",
    openai: say({ do: "error-event", after: 0 }),
    ollama: { errorAfter: 0 },
    streaming: "other",
    whole: "other",
  },
  {
    name: "error event after text",
    openai: say({ do: "error-event", after: 5 }),
    ollama: { errorAfter: 4 },
    streaming: "error",
    whole: "other",
  },
  {
    name: "cut after text",
    openai: say({ do: "cut", after: 5 }),
    ollama: { cutAfter: 4 },
    streaming: "error",
    whole: "other",
  },
  {
    name: "one event of broken JSON",
    openai: say({ do: "garbage-event", after: 5 }),
    ollama: { garbageAfter: 4 },
    streaming: "own",
    // OpenAI's whole answer is one JSON document: broken, nothing is left of it.
    whole: { openai: "other", ollama: "own" },
  },
  {
    name: "no terminal frame",
    openai: say({ do: "no-done" }),
    // Ollama's last line is its finish reason as well: without it the answer is not whole.
    ollama: { endAfter: 10 },
    streaming: { openai: "own", ollama: "error" },
    whole: { openai: "own", ollama: "other" },
  },
  {
    name: "stalls 3 s mid-way",
    openai: say({ do: "stall", after: 5, ms: 3_000 }),
    ollama: { stallOnce: { at: 4, ms: 3_000 } },
    streaming: "error",
    whole: "other",
  },
  {
    name: "one byte at a time",
    openai: say({ do: "drip" }),
    ollama: { pieceBytes: 1 },
    streaming: "own",
    whole: "own",
  },
  {
    name: "a stream of 10 MB",
    openai: { do: "answer", text: largeWord.repeat(largeTimes), paceMs: 0 },
    ollama: { repeat: largeTimes },
    streaming: "own",
    whole: "own",
    large: true,
  },
  {
    name: "HTML with status 200",
    openai: { do: "html" },
    ollama: { html: true },
    streaming: "other",
    whole: "other",
  },
];

/** What the app asks, which is what an Ollama upstream says. */
export function promptFor(fault: Fault): string {
  return fault.large === true ? largeWord : words;
}

export function textFor(fault: Fault): string {
  return fault.large === true ? largeWord.repeat(largeTimes) : words;
}

export function expectedView(fault: Fault, dialect: "openai" | "ollama", stream: boolean): View {
  const view = stream ? fault.streaming : fault.whole;
  return typeof view === "string" ? view : view[dialect];
}

/** An Ollama of its own for each fault: it misbehaves the same for everybody who asks. */
export async function startOllamaWith(fault: Fault): Promise<OllamaServer | null> {
  if (fault.ollama === null) return null;
  const server = await startOllamaServer();
  server.behave(fault.ollama);
  return server;
}

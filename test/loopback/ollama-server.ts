import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { OllamaBehaviour } from "./ollama-behaviour.ts";

/** A model as `ollama list` knows it, and what it can do. */
interface OllamaModel {
  readonly name: string;
  readonly can: readonly ("tools" | "thinking" | "vision")[];
}

export interface OllamaServerOptions {
  readonly models?: readonly OllamaModel[];
}

export interface OllamaReceived {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed body; undefined when there was none. */
  readonly body: unknown;
  readonly at: number;
  /** When the client went before the answer was whole, ms UTC; null otherwise. */
  leftAt: number | null;
}

export interface OllamaServer {
  readonly url: string;
  readonly requests: readonly OllamaReceived[];
  /** Sets how every request from now on is treated; `{}` is well again. */
  behave(next: OllamaBehaviour): void;
  close(): Promise<void>;
}

const usualModels: readonly OllamaModel[] = [
  { name: "llama3.2:latest", can: ["tools"] },
  { name: "qwen3:8b", can: ["tools", "thinking"] },
  { name: "llava:latest", can: ["vision"] },
  { name: "tinyllama:latest", can: [] },
];

/**
 * Speaks Ollama's own API on loopback. It echoes the last message word by word; it calls each
 * offered tool whose name that message holds. A word counts as a token.
 * Source: https://docs.ollama.com/api
 */
export async function startOllamaServer(options: OllamaServerOptions = {}): Promise<OllamaServer> {
  const models = options.models ?? usualModels;
  const requests: OllamaReceived[] = [];
  let behaviour: OllamaBehaviour = {};

  const server = createServer((request, response) => {
    receive(request)
      .then((received) => {
        requests.push(received);
        response.on("close", () => {
          if (!response.writableFinished) received.leftAt = Date.now();
        });
        return answer({ received, response, models, behaviour });
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    behave: (next) => {
      behaviour = next;
    },
    close: async () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function receive(request: IncomingMessage): Promise<OllamaReceived> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  const text = Buffer.concat(pieces).toString("utf8");
  const { method = "GET", url = "/", headers } = request;
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { method, path: url, headers, body, at: Date.now(), leftAt: null };
}

interface Turn {
  readonly received: OllamaReceived;
  readonly response: ServerResponse;
  readonly models: readonly OllamaModel[];
  readonly behaviour: OllamaBehaviour;
}

async function answer({ received, response, models, behaviour }: Turn): Promise<void> {
  if (misbehaves(response, behaviour)) return;
  const { path, body } = received;
  if (path === "/api/version") return json(response, 200, { version: "0.40.10" });
  if (path === "/api/tags") return json(response, 200, { models: models.map(describe) });
  if (path === "/api/ps") return json(response, 200, { models: models.slice(0, 1).map(describe) });
  if (path !== "/api/chat" || !isRecord(body)) {
    return send(response, 404, "404 page not found", { "content-type": "text/plain" });
  }
  const refusal = refuse(body, models);
  if (refusal !== null) return json(response, refusal.status, { error: refusal.error });
  await sleep(behaviour.loadMs ?? 0);
  const lines = linesOf(body, behaviour);
  if (body["stream"] === false) return json(response, 200, whole(lines));
  await stream(response, lines, behaviour);
}

/** Whether the behaviour took the place of any answer. */
function misbehaves(response: ServerResponse, behaviour: OllamaBehaviour): boolean {
  const { refuse: refuses, silent, html, status, body = "", headers } = behaviour;
  if (refuses === true) response.destroy();
  else if (html === true) send(response, 200, loginPage, { "content-type": "text/html" });
  else if (status !== undefined) {
    send(response, status, body, { "content-type": "application/json; charset=utf-8", ...headers });
  } else return silent === true;
  return true;
}

const loginPage = "<!DOCTYPE html><html><title>Sign in</title></html>";

function send(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, headers);
  response.end(body);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  const headers = { "content-type": "application/json; charset=utf-8" };
  send(response, status, JSON.stringify(value), headers);
}

function describe({ name, can }: OllamaModel): unknown {
  const details = { format: "gguf", parameter_size: "3.2B", quantization_level: "Q4_K_M" };
  const capabilities = ["completion", ...can];
  return { name, model: name, modified_at: createdAt, size: 2_019_393_189, details, capabilities };
}

type Body = Readonly<Record<string, unknown>>;

function refuse(
  body: Body,
  models: readonly OllamaModel[],
): { status: number; error: string } | null {
  const name = String(body["model"]);
  const model = models.find((known) => known.name === name || known.name === `${name}:latest`);
  if (model === undefined) {
    return { status: 404, error: `model "${name}" not found, try pulling it first` };
  }
  if (list(body["tools"]).length > 0 && !model.can.includes("tools")) {
    const error = `registry.ollama.ai/library/${model.name} does not support tools`;
    return { status: 400, error };
  }
  if (body["think"] !== undefined && body["think"] !== false && !model.can.includes("thinking")) {
    return { status: 400, error: `"${name}" does not support thinking` };
  }
  const images = list(body["messages"]).flatMap((message) => list(message["images"], isString));
  if (images.some((image) => !/^[A-Za-z0-9+/]*={0,2}$/.test(image))) {
    return { status: 400, error: "illegal base64 data at input byte 4" };
  }
  if (images.length > 0 && !model.can.includes("vision")) {
    return { status: 500, error: "this model is missing data required for image input" };
  }
  if (body["truncate"] === false && promptTokens(body) > contextOf(body)) {
    return { status: 400, error: "the input length exceeds the context length" };
  }
  return null;
}

const createdAt = "2026-11-01T12:00:00.000000001Z";

/** The lines of the answer, the last with `done` and the counts. */
function linesOf(body: Body, behaviour: OllamaBehaviour): readonly Body[] {
  const messages = list(body["messages"]);
  const last = messages.at(-1);
  const model = String(body["model"]);
  const line = (message: Body): Body => ({
    model,
    created_at: createdAt,
    message: { role: "assistant", content: "", ...message },
    done: false,
  });
  if (last === undefined) return [{ ...line({}), done: true, done_reason: "load" }];

  const text = String(last["content"]);
  const calls = last["role"] === "user" ? callsIn(text, list(body["tools"])) : [];
  const options = isRecord(body["options"]) ? body["options"] : {};
  const words = calls.length > 0 ? [] : echoOf(text, body, behaviour);
  const limit = options["num_predict"];
  const said = typeof limit === "number" ? words.slice(0, limit) : words;
  const thinks = body["think"] !== undefined && body["think"] !== false;
  const generated = [
    ...(behaviour.emptyFirst === true ? [line({})] : []),
    ...(thinks ? ["Let ", "me ", "echo."].map((thinking) => line({ thinking })) : []),
    ...said.map((content) => line({ content })),
    ...calls.map((call) => line({ tool_calls: [call] })),
  ];
  const done_reason = behaviour.doneReason ?? (said.length < words.length ? "length" : "stop");
  return [
    ...generated,
    { ...line({}), done: true, done_reason, ...counts(body, generated.length) },
  ];
}

function echoOf(
  text: string,
  { format }: Body,
  { repeat = 1 }: OllamaBehaviour,
): readonly string[] {
  const words = wordsOf(format === undefined ? text : asJson(text));
  return Array.from({ length: repeat }, () => words).flat();
}

function counts(body: Body, generated: number): Body {
  return {
    total_duration: 5_043_500_667,
    load_duration: 5_025_959,
    prompt_eval_count: Math.min(promptTokens(body), contextOf(body)),
    prompt_eval_duration: 325_953_000,
    eval_count: generated,
    eval_duration: 4_709_213_000,
  };
}

function callsIn(text: string, tools: readonly Body[]): readonly Body[] {
  const names = tools.map(({ function: called }) =>
    isRecord(called) ? String(called["name"]) : "",
  );
  const meant = names.filter((name) => name !== "" && text.includes(name));
  return meant.map((name) => ({ function: { name, arguments: { text, count: 2 } } }));
}

function promptTokens(body: Body): number {
  return list(body["messages"]).flatMap(({ content }) => wordsOf(String(content))).length;
}

function contextOf({ options }: Body): number {
  const size = isRecord(options) ? options["num_ctx"] : undefined;
  return typeof size === "number" ? size : 4096;
}

function asJson(text: string): string {
  return JSON.stringify({ echo: text });
}

function wordsOf(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [];
}

function whole(lines: readonly Body[]): Body {
  const messages = lines.map(({ message }) => (isRecord(message) ? message : {}));
  const content = messages.map((message) => String(message["content"])).join("");
  const tool_calls = messages.flatMap((message) => list(message["tool_calls"]));
  const message = { role: "assistant", content, ...(tool_calls.length > 0 && { tool_calls }) };
  return { ...lines.at(-1), message };
}

async function stream(
  response: ServerResponse,
  lines: readonly Body[],
  behaviour: OllamaBehaviour,
): Promise<void> {
  response.socket?.setNoDelay(true);
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  if (behaviour.headersOnly === true) return response.flushHeaders();
  for (const [index, line] of lines.entries()) {
    const ms = waitBefore(index, behaviour);
    if (ms > 0) await sleep(ms);
    if (response.destroyed || !(await misstep(response, index, behaviour))) return;
    await write(response, `${JSON.stringify(line)}\n`, behaviour.pieceBytes);
  }
  response.end();
}

function waitBefore(index: number, { stallMs = 0, stallOnce }: OllamaBehaviour): number {
  if (stallOnce?.at === index) return stallOnce.ms;
  return index > 0 ? stallMs : 0;
}

/** What goes wrong before a line; false when the answer is over with it. */
async function misstep(
  response: ServerResponse,
  index: number,
  behaviour: OllamaBehaviour,
): Promise<boolean> {
  const { cutAfter, endAfter, garbageAfter, errorAfter, error = "unexpected EOF" } = behaviour;
  if (index === garbageAfter) response.write("secret text that is no JSON\n");
  if (index === cutAfter) {
    // What was written must have left before the reset overtakes it.
    await sleep(30);
    response.destroy();
  } else if (index === endAfter) response.end();
  else if (index === errorAfter) response.end(`${JSON.stringify({ error })}\n`);
  else return true;
  return false;
}

async function write(response: ServerResponse, line: string, pieceBytes?: number): Promise<void> {
  const bytes = Buffer.from(line, "utf8");
  if (pieceBytes === undefined) {
    if (!response.write(bytes)) await once(response, "drain");
    return;
  }
  const size = pieceBytes;
  for (let from = 0; from < bytes.length; from += size) {
    response.write(bytes.subarray(from, from + size));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function isRecord(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function list(value: unknown): readonly Body[];
function list<T>(value: unknown, is: (item: unknown) => item is T): readonly T[];
function list(value: unknown, is: (item: unknown) => boolean = isRecord): readonly unknown[] {
  return Array.isArray(value) ? value.filter(is) : [];
}

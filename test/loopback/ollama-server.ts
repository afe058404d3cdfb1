import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isRecord, type Body } from "./json-bodies.ts";
import { OllamaMachine, type OllamaModel } from "./ollama-machine.ts";
import type { OllamaBehaviour } from "./ollama-behaviour.ts";
import { contextOf, createdAt, linesOf, whole } from "./ollama-lines.ts";
import { refuseToAnswer, refuseToLoad, refuseToRead } from "./ollama-refusals.ts";

export interface OllamaServerOptions {
  readonly models?: readonly OllamaModel[];
  /** Models that are in memory from the start; by default the first. */
  readonly loaded?: readonly string[];
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
  /** How often a model was brought into memory. */
  readonly loads: number;
  /** Puts all models away. */
  unload(): void;
  close(): Promise<void>;
}

const usualModels: readonly OllamaModel[] = [
  { name: "llama3.2:latest", can: ["tools"] },
  { name: "qwen3:8b", can: ["tools", "thinking"] },
  { name: "gpt-oss:latest", can: ["tools", "thinking", "levels"] },
  { name: "llava:latest", can: ["vision"] },
  { name: "tinyllama:latest", can: [] },
];

/**
 * Speaks Ollama's own API on loopback. It echoes the last message word by word; it calls each
 * offered tool whose name that message holds. A word counts as a token. Statuses, sentences and
 * their order are those of a real server, version 0.17.4.
 * Source: https://docs.ollama.com/api
 */
export async function startOllamaServer(options: OllamaServerOptions = {}): Promise<OllamaServer> {
  const models = options.models ?? usualModels;
  const loaded = options.loaded ?? models.slice(0, 1).map(({ name }) => name);
  const machine = new OllamaMachine(models, loaded);
  const requests: OllamaReceived[] = [];
  let behaviour: OllamaBehaviour = {};

  const server = createServer((request, response) => {
    receive(request)
      .then((received) => {
        requests.push(received);
        response.on("close", () => {
          if (!response.writableFinished) received.leftAt = Date.now();
        });
        return answer({ received, response, machine, behaviour });
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
    get loads() {
      return machine.loads;
    },
    unload: () => machine.unload(),
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
  readonly machine: OllamaMachine;
  readonly behaviour: OllamaBehaviour;
}

async function answer(turn: Turn): Promise<void> {
  const { received, response, machine, behaviour } = turn;
  if (misbehaves(response, behaviour)) return;
  const { path, body } = received;
  const document = machine.document(path);
  if (document !== null) return json(response, 200, document);
  if (!["/api/chat", "/api/show", "/api/generate"].includes(path) || !isRecord(body)) {
    return send(response, 404, "404 page not found", { "content-type": "text/plain" });
  }
  const unreadable = path === "/api/chat" ? refuseToRead(body) : null;
  if (unreadable !== null) return json(response, unreadable.status, { error: unreadable.error });
  const model = machine.find(String(body["model"]));
  if (model === undefined) {
    return json(response, 404, { error: `model '${String(body["model"])}' not found` });
  }
  if (path === "/api/show") return json(response, 200, machine.show(model));
  if (path === "/api/chat") return answerChat(turn, body, model);
  const end = { model: body["model"], created_at: createdAt, response: "", done: true };
  if (body["keep_alive"] === 0) {
    machine.unload(model.name);
    return json(response, 200, { ...end, done_reason: "unload" });
  }
  if (await load(turn, body, model)) json(response, 200, { ...end, done_reason: "load" });
}

/** Whether the model is there to answer; else the request was sent away. */
async function load(
  { response, machine, behaviour }: Turn,
  body: Body,
  model: OllamaModel,
): Promise<boolean> {
  const { coldLoadMs: loadMs = 0, places = Infinity } = behaviour;
  const loaded = await machine.load(model, contextOf(body, model), { loadMs, places });
  if (!loaded) json(response, 503, { error: busy });
  return loaded;
}

async function answerChat(turn: Turn, body: Body, model: OllamaModel): Promise<void> {
  const { response, behaviour } = turn;
  const refusal = refuseToLoad(body, model);
  if (refusal !== null) return json(response, refusal.status, { error: refusal.error });
  if (!(await load(turn, body, model))) return;
  const late = refuseToAnswer(body, model, contextOf(body, model));
  if (late !== null) return json(response, late.status, { error: late.error });
  await sleep(behaviour.loadMs ?? 0);
  const lines = linesOf(body, behaviour, model);
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

const busy = "server busy, please try again.  maximum pending requests exceeded";

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

async function stream(
  response: ServerResponse,
  lines: readonly Body[],
  behaviour: OllamaBehaviour,
): Promise<void> {
  // Before its first line an answer can still become an error with a status.
  if (behaviour.errorAfter === 0) return json(response, 500, { error: behaviour.error ?? eof });
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

const eof = "an error was encountered while running the model: unexpected EOF";

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
  const { cutAfter, endAfter, garbageAfter, errorAfter, error = eof } = behaviour;
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

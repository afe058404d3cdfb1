import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Behaviour, Call, Script } from "./behaviour.ts";
import { ModelListing } from "./model-listing.ts";

/**
 * An OpenAI-speaking server on loopback that misbehaves on purpose. It holds many upstreams, by
 * name: `/NAME/v1/chat/completions`, steered by `PUT /NAME/script` and read by `GET /NAME/calls`.
 */
export async function startUpstreams(): Promise<{ url: string; close(): Promise<void> }> {
  const upstreams = new Map<string, Played>();
  const server = createServer((request, response) => {
    const [, name = "", ...path] = (request.url ?? "").split("/");
    const upstream = upstreams.get(name) ?? {
      script: healthy,
      calls: [],
      listing: new ModelListing(),
    };
    upstreams.set(name, upstream);
    void handle(upstream, path.join("/"), { request, response });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${portOf(server)}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, close };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

const healthy: Script = { next: [], always: { do: "answer" } };

/** One upstream of the server. */
interface Played {
  script: Script;
  readonly calls: Call[];
  listing: ModelListing;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function handle(
  upstream: Played,
  path: string,
  { request, response }: Exchange,
): Promise<void> {
  const body = await readBody(request);
  if (path === "script") {
    const { keepCalls, ...script } = JSON.parse(body);
    upstream.script = script;
    if (keepCalls !== true) upstream.calls.length = 0;
    json(response, 200, {});
  } else if (path === "calls") {
    json(response, 200, upstream.calls);
  } else if (path === "v1/models") {
    upstream.listing.answer(response);
  } else if (path === "listed") {
    if (request.method === "PUT") upstream.listing = new ModelListing(JSON.parse(body));
    json(response, 200, upstream.listing.asked);
  } else {
    await chat(upstream, body, { request, response });
  }
}

async function chat(
  upstream: Played,
  body: string,
  { request, response }: Exchange,
): Promise<void> {
  const [now, ...later] = upstream.script.next;
  upstream.script = { ...upstream.script, next: later };
  const call: Call = {
    at: Date.now(),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: JSON.parse(body),
    abortedAt: null,
  };
  upstream.calls.push(call);
  response.on("close", () => {
    if (!response.writableFinished) call.abortedAt = Date.now();
  });
  await behave(now ?? upstream.script.always, call, response);
}

async function behave(behaviour: Behaviour, call: Call, response: ServerResponse): Promise<void> {
  if (behaviour.do === "silent") return;
  if (behaviour.do === "refuse-prefix" && prefixOf(call) !== "") {
    const message = "This model does not support assistant message prefill.";
    json(response, 400, { error: { message, type: "invalid_request_error" } });
  } else if (behaviour.do === "error") {
    if (behaviour.afterMs !== undefined) await pause(behaviour.afterMs);
    json(response, behaviour.status, behaviour.body, behaviour.headers);
  } else if (behaviour.do === "error-in-200") {
    json(response, 200, behaviour.body);
  } else if (behaviour.do === "html") {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html><body>Sign in</body></html>");
  } else if (behaviour.do === "reset") {
    response.destroy();
  } else if (behaviour.do === "headers-then-silence") {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
  } else if (call.body["stream"] === true) {
    await stream(behaviour, call, response);
  } else {
    document(behaviour, call, response);
  }
}

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };

/** What is still to be said: an assistant message that stands last is gone on from. */
function textOf({ text = "Hello from upstream" }: Behaviour, call: Call): string {
  const prefix = prefixOf(call);
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function prefixOf({ body }: Call): string {
  const { messages } = body;
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined;
  if (typeof last !== "object" || last === null || !("role" in last)) return "";
  if (last.role !== "assistant" || !("content" in last)) return "";
  return String(last.content);
}

function document(behaviour: Behaviour, call: Call, response: ServerResponse): void {
  const answer = JSON.stringify({
    id: "chatcmpl-up",
    object: "chat.completion",
    created: 1,
    model: call.body["model"],
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: textOf(behaviour, call), refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage,
  });
  if (behaviour.do === "error-event") {
    json(response, 200, overloaded);
    return;
  }
  const isWhole = wholeDocuments.has(behaviour.do);
  response.writeHead(200, { "content-type": "application/json", ...limitsOf(behaviour) });
  if (isWhole) {
    response.end(answer);
    return;
  }
  response.write(answer.slice(0, answer.length / 2));
  if (behaviour.do === "garbage-event") response.end("}}");
  else if (behaviour.do === "stall")
    setTimeout(() => response.end(answer.slice(answer.length / 2)), behaviour.ms);
  else setTimeout(() => response.destroy(), 20);
}

const overloaded = {
  error: { message: "The engine is overloaded", type: "server_error", code: "overloaded" },
};

const wholeDocuments: ReadonlySet<string> = new Set([
  "answer",
  "no-done",
  "drip",
  "refuse-prefix",
  "pings",
  "hang-at-end",
]);

function limitsOf(behaviour: Behaviour): Record<string, string> {
  return behaviour.do === "answer" ? (behaviour.headers ?? limits) : limits;
}

const limits = {
  "x-ratelimit-limit-requests": "500",
  "x-ratelimit-remaining-requests": "499",
  "x-ratelimit-reset-requests": "120ms",
};

function chunks(behaviour: Behaviour, call: Call): string[] {
  const chunk = (choices: unknown, extra: object = {}): string =>
    JSON.stringify({
      id: "chatcmpl-up",
      object: "chat.completion.chunk",
      created: 1,
      model: call.body["model"],
      choices,
      ...extra,
    });
  const delta = (value: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta: value, finish_reason: finish }]);
  const words = textOf(behaviour, call).split(/(?<= )/);
  const options = call.body["stream_options"];
  const wantsUsage =
    typeof options === "object" &&
    options !== null &&
    "include_usage" in options &&
    options.include_usage === true;
  return [
    delta({ role: "assistant", content: "" }),
    ...words.map((content) => delta({ content })),
    delta({}, "stop"),
    ...(wantsUsage ? [chunk([], { usage })] : []),
  ];
}

async function stream(behaviour: Behaviour, call: Call, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", ...limitsOf(behaviour) });
  const lineEnd = behaviour.do === "answer" ? (behaviour.lineEnd ?? "\n") : "\n";
  for (const [at, data] of chunks(behaviour, call).entries()) {
    if ("after" in behaviour && at === behaviour.after && !(await misbehave(behaviour, response)))
      return;
    await send(response, `data: ${data}${lineEnd}${lineEnd}`, behaviour);
  }
  if (behaviour.do === "hang-at-end") return;
  if (behaviour.do !== "no-done") response.write(`data: [DONE]${lineEnd}${lineEnd}`);
  response.end();
}

/** True when the stream goes on after it. */
async function misbehave(
  behaviour: Extract<Behaviour, { after: number }>,
  response: ServerResponse,
): Promise<boolean> {
  switch (behaviour.do) {
    case "cut":
      // What was written must have left before the reset overtakes it.
      await pause(30);
      response.destroy();
      return false;
    case "close":
      response.end();
      return false;
    case "error-event":
      response.end(`data: ${JSON.stringify(overloaded)}\n\n`);
      return false;
    case "garbage-event":
      response.write('data: {"id":"chatcmpl-up","choi\n\n');
      return true;
    case "pings":
      while (!response.destroyed) {
        response.write(": ping\n\n");
        await pause(behaviour.everyMs);
      }
      return false;
    case "stall":
      await pause(behaviour.ms);
      return true;
  }
}

async function send(response: ServerResponse, text: string, behaviour: Behaviour): Promise<void> {
  if (behaviour.do !== "drip") {
    // A reader that is slow slows us down.
    if (!response.write(text)) await drained(response);
    const { paceMs = 2 } = behaviour;
    if (paceMs > 0) await pause(paceMs);
    return;
  }
  for (const byte of Buffer.from(text)) {
    response.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}

/** Keeps nobody waiting for it: a test may end in the middle. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

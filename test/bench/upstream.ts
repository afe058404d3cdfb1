/**
 * The provider of the benchmark, a process of its own on loopback. It answers at once; the path
 * decides with what, so that no body is parsed:
 *
 *     /answer-1k /answer-100k    a whole answer of that size
 *     /stream                    100 chunks as fast as they go
 *     /paced                     100 chunks, one every 5 ms, each holding the time it was sent
 *     /limited                   429, a rate limit
 *     /calls                     how often each path was asked
 */
import { createServer, type ServerResponse } from "node:http";

const chunks = 100;
const pacedMs = 5;
const created = 1_767_225_600;
const usage = { prompt_tokens: 12, completion_tokens: chunks, total_tokens: chunks + 12 };

function answer(bytes: number): Buffer {
  const text = (content: string): string =>
    JSON.stringify({
      id: "chatcmpl-bench",
      object: "chat.completion",
      created,
      model: "bench",
      choices: [
        { index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: "stop" },
      ],
      usage,
    });
  return Buffer.from(text("word ".repeat(Math.ceil((bytes - text("").length) / 5))));
}

function chunk(choice: object | null, extra: object = {}): string {
  const value = {
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created,
    model: "bench",
    choices: choice === null ? [] : [{ index: 0, finish_reason: null, ...choice }],
    ...extra,
  };
  return `data: ${JSON.stringify(value)}\n\n`;
}

const opening = chunk({ delta: { role: "assistant", content: "" } });
const word = chunk({ delta: { content: "word " } });
const ending = `${chunk({ delta: {}, finish_reason: "stop" })}${chunk(null, { usage })}data: [DONE]\n\n`;
const limited = JSON.stringify({
  error: {
    message: "Rate limit reached",
    type: "requests",
    param: null,
    code: "rate_limit_exceeded",
  },
});
const whole = new Map([
  ["answer-1k", answer(1024)],
  ["answer-100k", answer(100 * 1024)],
]);

function stream(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(opening);
  let sent = 0;
  const next = (): void => {
    if (sent === chunks) {
      response.end(ending);
      return;
    }
    sent += 1;
    response.write(word);
    setImmediate(next);
  };
  next();
}

function paced(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(opening);
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === chunks) {
      clearInterval(timer);
      response.end(ending);
      return;
    }
    sent += 1;
    const at = performance.timeOrigin + performance.now();
    response.write(chunk({ delta: { content: `${at} ` } }));
  }, pacedMs);
}

const calls = new Map<string, number>();

function respond(path: string, response: ServerResponse): void {
  const body = whole.get(path);
  if (body !== undefined) {
    const headers = { "content-type": "application/json", "content-length": body.length };
    response.writeHead(200, headers).end(body);
  } else if (path === "stream") {
    stream(response);
  } else if (path === "paced") {
    paced(response);
  } else if (path === "limited") {
    response.writeHead(429, { "content-type": "application/json" }).end(limited);
  } else {
    response.writeHead(404).end();
  }
}

const server = createServer((request, response) => {
  const path = request.url?.split("/", 2)[1] ?? "";
  if (path === "calls") {
    response.end(JSON.stringify(Object.fromEntries(calls)));
    return;
  }
  calls.set(path, (calls.get(path) ?? 0) + 1);
  request.resume();
  request.on("end", () => respond(path, response));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (address !== null && typeof address !== "string") process.send?.(address.port);
});
process.on("disconnect", () => process.exit());

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What an upstream answered once, to be answered again. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Headers that belong to the connection that they once came over. */
const ofTheConnection = new Set(["content-length", "transfer-encoding", "connection", "date"]);

/** An upstream on loopback that answers a chat with what is recorded under the model's name. */
export async function startRowServer(
  answers: ReadonlyMap<string, RecordedAnswer>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(answers, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  answers: ReadonlyMap<string, RecordedAnswer>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  // Whoever asks what is there finds all of it.
  if (!/\/chat(?:\/completions)?$/.test(request.url ?? "")) {
    const models = [...answers.keys()].map((name) => ({ name, modified_at: "2026-01-01" }));
    const listed = JSON.stringify({ models, data: [] });
    response.writeHead(200, { "content-type": "application/json" }).end(listed);
    return;
  }
  const { model }: { model: string } = JSON.parse(Buffer.concat(parts).toString());
  const recorded = answers.get(model);
  if (recorded === undefined) {
    response.writeHead(404).end(`nothing is recorded for ${model}`);
    return;
  }
  const { status, headers, body } = recorded;
  const kept = Object.entries(headers).filter(([name]) => !ofTheConnection.has(name.toLowerCase()));
  response.writeHead(status, Object.fromEntries(kept)).end(body);
}

import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { providerKinds } from "../../providers/index.ts";
import type { Provider, ToldModels } from "../../src/contract/provider.ts";

/** What answers to a listing's address on loopback, and who asked. */
export interface ListingServer {
  readonly url: string;
  readonly asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** What it says from now on. */
  say(saying: { status?: number; type?: string; body: string }): void;
  close(): Promise<void>;
}

export async function startListingServer(): Promise<ListingServer> {
  const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
  let said: { status?: number; type?: string; body: string } = { body: "{}" };
  const server = createServer((request, response) => {
    asked.push({ path: request.url ?? "", headers: request.headers });
    const { status = 200, type = "application/json", body } = said;
    response.writeHead(status, { "content-type": type });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    say: (saying) => {
      said = saying;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export function recorded(provider: string): string {
  return readFileSync(join(import.meta.dirname, `../fixtures/${provider}/models.json`), "utf8");
}

export function account(kind: string, baseUrl: string): Provider {
  const found = providerKinds.get(kind);
  if (found === undefined) throw new Error(`no kind ${kind}`);
  return found.connect({ name: "p", baseUrl, apiKey: "sk-test", headers: {} });
}

export async function read(
  { listing }: Provider,
  models: readonly string[],
): Promise<ToldModels | null> {
  if (listing === undefined) throw new Error("it has no listing");
  return listing.read({ fetch, signal: AbortSignal.timeout(2_000), models });
}

/** What is said, without all that is not. */
export function knownOf(told: ToldModels | null, model: string): object | undefined {
  const facts = told?.get(model);
  if (facts === undefined) return undefined;
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
}

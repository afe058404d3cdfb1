import { Ollama } from "ollama/browser";
import type { Fetch } from "../../src/contract/edges.ts";
import type { Failure } from "../../src/contract/failure.ts";
import { cancelledFailure } from "../shared/classify.ts";
import { withoutAnswer } from "../shared/network-failure.ts";
import { mostBodyBytes, readCapped } from "../shared/read-capped.ts";
import type { OllamaAccount } from "./account.ts";
import { checkedLines } from "./checked-lines.ts";
import { isRecord, parseJson } from "../shared/json-values.ts";

/** The list of models is a few hundred bytes for each. */
const longestDocument = 4 * 1024 * 1024;

/** Carries a failure out through the package, which passes on what its `fetch` throws. */
class UpstreamFault extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super("the upstream failed");
    this.failure = failure;
  }
}

export interface Exchange {
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
  /** What a good answer is made of: NDJSON, or one JSON object. */
  readonly expects: "lines" | "document";
  now(): number;
}

/**
 * One exchange with Ollama through the official client, kept from whatever the client would print,
 * read without bound or mistake for an answer: it only ever sees good JSON, and a `fetch` that throws.
 */
export class OllamaWire {
  readonly #account: OllamaAccount;
  readonly #exchange: Exchange;
  readonly #own = new AbortController();
  #response: Response | null = null;
  #ended = false;

  constructor(account: OllamaAccount, exchange: Exchange) {
    this.#account = account;
    this.#exchange = exchange;
  }

  /** A client for this call alone: its `abort()` ends every call it has, and it takes no signal. */
  client(): Ollama {
    return new Ollama({
      host: this.#account.host,
      fetch: (url: unknown, init?: RequestInit) => this.#fetch(String(url), init),
    });
  }

  /** The upstream's answer; null before there is a good one. */
  get response(): Response | null {
    return this.#response;
  }

  /** Ends the exchange where it is still going. */
  close(): void {
    this.#own.abort();
  }

  /** What an error that came out of the client means; null when the stream only ended early. */
  explain(error: unknown): Failure | null {
    if (error instanceof UpstreamFault) return error.failure;
    if (this.#exchange.signal.aborted) return cancelledFailure();
    if (this.#ended || this.#own.signal.aborted) return null;
    const failure = this.#account.classify({
      site: "network",
      error,
      now: this.#exchange.now(),
    });
    return this.#response === null ? withoutAnswer(failure) : failure;
  }

  /** A line that was read, as the failure it stands for. */
  saidInStream(data: string): Failure {
    return this.#account.classify({
      site: "stream",
      status: this.#response?.status ?? 200,
      headers: this.#response?.headers ?? new Headers(),
      data: data.slice(0, mostBodyBytes),
      now: this.#exchange.now(),
    });
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.#exchange.fetch(url, {
      method: init.method ?? "GET",
      ...(typeof init.body === "string" && { body: init.body }),
      headers: this.#account.headers,
      signal: AbortSignal.any([this.#exchange.signal, this.#own.signal]),
      // A followed redirect would carry the key, and the prompt, to another host.
      redirect: "manual",
    });
    const contentType = response.headers.get("content-type") ?? "";
    if (!response.ok || response.body === null || contentType.startsWith("text/html")) {
      throw this.#refused(response, await readCapped(response));
    }
    this.#response = response;
    if (this.#exchange.expects === "document") return this.#document(response, response.body);
    const lines = checkedLines(response.body, {
      fault: (line) => new UpstreamFault(this.saidInStream(line)),
      onEnd: () => {
        this.#ended = true;
      },
    });
    return new Response(lines);
  }

  async #document(response: Response, body: ReadableStream<Uint8Array>): Promise<Response> {
    const decoder = new TextDecoder();
    let text = "";
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > longestDocument) break;
    }
    if (!isRecord(parseJson(text))) throw this.#refused(response, text.slice(0, mostBodyBytes));
    return new Response(text);
  }

  #refused(response: Response, body: string): UpstreamFault {
    const { status, headers, ok } = response;
    const site = ok ? "body" : "http";
    const now = this.#exchange.now();
    return new UpstreamFault(this.#account.classify({ site, status, headers, body, now }));
  }
}

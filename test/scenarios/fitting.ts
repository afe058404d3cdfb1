import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Decision } from "../../src/contract/decision.ts";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";
import { startUpstreams } from "../loopback/openai-server.ts";
import { openAiQuota, Upstream } from "../loopback/upstream.ts";
import { startRouter, type RunningRouter } from "./start-router.ts";

interface Setting {
  readonly models?: object;
  readonly secondModels?: object;
  readonly options?: object;
  readonly route?: object;
}

interface Readiness {
  readonly ready: boolean;
  readonly providers: {
    readonly name: string;
    readonly models: { model: string; state: string; advice: string | null }[];
  }[];
}

/**
 * The router as users run it, before two providers and an Ollama on loopback, which do what the real
 * ones do. In each test the first provider is out of quota, and no circuit knows any of them.
 */
export class Fitting {
  round = 0;
  #router: RunningRouter | null = null;
  #ollama: OllamaServer | null = null;
  #upstreams: Awaited<ReturnType<typeof startUpstreams>> | null = null;

  constructor() {
    beforeAll(async () => {
      this.#upstreams = await startUpstreams();
      this.#ollama = await startOllamaServer();
      this.#router = await startRouter();
    });
    afterAll(async () => {
      await this.#router?.stop();
      await this.#ollama?.close();
      await this.#upstreams?.close();
    });
    beforeEach(async () => {
      this.round += 1;
      this.ollama.behave({});
      await this.first.script(openAiQuota);
      await this.second.script({ do: "answer", text: "from the second" });
    });
  }

  get router(): RunningRouter {
    if (this.#router === null) throw new Error("not started");
    return this.#router;
  }

  get ollama(): OllamaServer {
    if (this.#ollama === null) throw new Error("not started");
    return this.#ollama;
  }

  get first(): Upstream {
    return new Upstream(this.#upstreams?.url ?? "", `fits-first${this.round}`);
  }

  get second(): Upstream {
    return new Upstream(this.#upstreams?.url ?? "", `fits-second${this.round}`);
  }

  /** Puts a route `chat` over `first/…`, `second/…` and `ollama/…`. */
  async serveBy(candidates: readonly (string | object)[], setting: Setting = {}): Promise<void> {
    const { round } = this;
    const { models = {}, secondModels = {}, options = {}, route } = setting;
    const kind = "openai-compatible";
    const chat: unknown = JSON.parse(
      JSON.stringify({ candidates, ...route }).replaceAll(
        /"(first|second|ollama)\//g,
        `"$1${round}/`,
      ),
    );
    await this.router.putConfig({
      providers: {
        [`first${round}`]: { kind, baseUrl: this.first.baseUrl, models },
        [`second${round}`]: { kind, baseUrl: this.second.baseUrl, models: secondModels },
        [`ollama${round}`]: { kind: "ollama", baseUrl: this.ollama.url, options },
      },
      routes: { chat },
    });
  }

  /** Has the router ask its local providers now. */
  async lookAround(): Promise<Readiness> {
    return (await fetch(`${this.router.url}/readyz`)).json<Readiness>();
  }

  ask(content: unknown, more: object = {}): Promise<Response> {
    const messages = [{ role: "user", content }];
    return this.router.post({ model: "chat", messages, ...more });
  }

  /** The candidate that answered, by the name that `serveBy` knows. */
  servedBy(response: Response): string {
    const name = response.headers.get("x-lifeboat-candidate") ?? "";
    return name.replace(`${this.round}/`, "/");
  }

  decisionOf(response: Response): Promise<Decision> {
    return this.router.decision(response.headers.get("x-lifeboat-decision"));
  }

  /** Chats that Ollama was asked for, after so many requests of any sort. */
  chats(since: number) {
    return this.ollama.requests.slice(since).filter(({ path }) => path === "/api/chat");
  }
}

import { startUpstreams } from "../loopback/openai-server.ts";
import { Upstream } from "../loopback/upstream.ts";
import { startOllamaServer, type OllamaServer } from "../loopback/ollama-server.ts";
import { startRouter, type RunningRouter } from "./start-router.ts";

export const upstreamKey = "sk-very-secret-upstream";

/** A running router, and upstreams on loopback that are the test's own. */
export interface Outside {
  readonly router: RunningRouter;
  readonly ollama: OllamaServer;
  /** Puts a route over a provider that nobody has met yet, with Ollama behind it. */
  freshRoute(timeouts?: object): Promise<FreshRoute>;
  close(): Promise<void>;
}

interface FreshRoute {
  readonly up: Upstream;
  /** `provider/model` of the first candidate. */
  readonly candidate: string;
  readonly provider: string;
}

export async function startOutside(): Promise<Outside> {
  const upstreams = await startUpstreams();
  const ollama = await startOllamaServer();
  const router = await startRouter({
    LIFEBOAT_ADMIN_TOKEN: "outside-admin",
    UP_KEY: upstreamKey,
  });
  let round = 0;
  return {
    router,
    ollama,
    freshRoute: async (timeouts = {}) => {
      round += 1;
      const provider = `up${round}`;
      const candidate = `${provider}/gpt-4o-mini`;
      const up = new Upstream(upstreams.url, provider);
      await up.script({ do: "answer" });
      await router.putConfig({
        providers: {
          [provider]: { kind: "openai-compatible", baseUrl: up.baseUrl, apiKey: "env.UP_KEY" },
          ollama: { kind: "ollama", baseUrl: ollama.url },
        },
        routes: { "gpt-4o-mini": { candidates: [candidate, "ollama/llama3.2"], timeouts } },
      });
      return { up, candidate, provider };
    },
    close: async () => {
      await router.stop();
      await ollama.close();
      await upstreams.close();
    },
  };
}

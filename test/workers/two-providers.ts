import { putConfig, upstream } from "./router.ts";

export const fromFirst = { do: "answer", text: "from the first" } as const;

/** Two upstreams of a test file's own, and a route over them that no circuit knows yet. */
export function twoProviders(name: string) {
  const first = upstream(`${name}-first`);
  const second = upstream(`${name}-second`);
  let fresh = 0;
  const two = {
    first,
    second,
    /** The two candidates, by their ids. */
    a: "",
    b: "",
    async configure(options: object = {}, models: object = {}): Promise<void> {
      fresh += 1;
      two.a = `${name}-a${fresh}/m`;
      two.b = `${name}-b${fresh}/m`;
      const kind = "openai-compatible";
      await putConfig({
        providers: {
          [`${name}-a${fresh}`]: {
            kind,
            baseUrl: first.baseUrl,
            apiKey: "env.UPSTREAM_KEY",
            models,
          },
          [`${name}-b${fresh}`]: { kind, baseUrl: second.baseUrl },
          keyless: { kind, baseUrl: second.baseUrl, apiKey: "env.NO_SUCH_KEY" },
        },
        routes: {
          chat: { candidates: [two.a, two.b], ...options },
          alone: { candidates: [two.a], ...options },
        },
      });
    },
    /** Both healthy again, under new names. */
    async begin(): Promise<void> {
      await first.script(fromFirst);
      await second.script({ do: "answer", text: "from the second" });
      await two.configure();
    },
  };
  return two;
}

/** The answer's candidate; its body is read to the end. */
export async function servedBy(response: Response): Promise<string | null> {
  await response.text();
  return response.headers.get("x-lifeboat-candidate");
}

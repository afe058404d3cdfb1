import { beforeEach } from "vitest";
import { chat, putConfig, upstream } from "./router.ts";

/** Test files run side by side, against one server. */
const file = crypto.randomUUID();

export const first = upstream(`first-${file}`);
export const second = upstream(`second-${file}`);
export const third = upstream(`third-${file}`);

export const said = "one two thrée four five six seven eight";
export let fresh = 0;

/** Providers that no circuit knows yet, and a route over them with the options under test. */
export async function route(options: object = {}, more: { assistantPrefix?: boolean } = {}) {
  const { assistantPrefix = true } = more;
  const provider = (from: typeof first) => ({ kind: "openai-compatible", baseUrl: from.baseUrl });
  await putConfig({
    providers: {
      [`sa${fresh}`]: provider(first),
      [`sb${fresh}`]: provider(second),
      [`sc${fresh}`]: provider(third),
    },
    routes: {
      chat: {
        candidates: [
          `sa${fresh}/m`,
          { use: `sb${fresh}/m`, assistantPrefix },
          { use: `sc${fresh}/m`, assistantPrefix: true },
        ],
        timeouts: { headersMs: 400, firstTokenMs: 400, idleMs: 400, totalMs: 8_000 },
        ...options,
      },
    },
  });
}

beforeEach(async () => {
  fresh += 1;
  for (const one of [first, second, third]) await one.script({ do: "answer", text: said });
});

export const ask = (body: object = {}) => chat({ model: "chat", stream: true, ...body });

/** What a client makes of the events: the text, the comments, and how it ended. */
function heard(raw: string) {
  const events = raw.split("\n\n").filter((event) => event !== "");
  const chunks = events.flatMap((event) =>
    event.startsWith("data: {") ? [JSON.parse(event.slice("data: ".length))] : [],
  );
  return {
    text: chunks.flatMap(({ choices = [] }) => choices[0]?.delta.content ?? "").join(""),
    comments: events.filter((event) => event.startsWith(":")),
    error: chunks.find(({ error }) => error !== undefined)?.error ?? null,
    done: events.filter((event) => event === "data: [DONE]").length,
  };
}

export const hear = async (response: Response) => heard(await response.text());

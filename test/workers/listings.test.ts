import { describe, expect, it } from "vitest";
import { upstream, admin, chat, decisionOf, putConfig } from "./router.ts";
import { servedBy } from "./two-providers.ts";

const telling = upstream("listings-telling");
const other = upstream("listings-other");
const entry = {
  id: "tiny",
  object: "model",
  context_length: 4_096,
  pricing: { prompt: "0.00000060", completion: "0.00000120" },
};
const listing = JSON.stringify({ object: "list", data: [{ id: "x" }, entry] });
/** Some 10,000 tokens. */
const long = { messages: [{ role: "user", content: "word ".repeat(10_000) }] };

let fresh = 0;

/** A route over an account of a kind that lists more than names, and one that does not, both new. */
async function begin(kind = "sambanova"): Promise<{ a: string; b: string }> {
  fresh += 1;
  const [a, b] = [`listing-a${fresh}`, `listing-b${fresh}`];
  await telling.script({ do: "answer" });
  await other.script({ do: "answer" });
  await putConfig({
    providers: {
      [a]: { kind, baseUrl: telling.baseUrl, apiKey: "env.UPSTREAM_KEY" },
      [b]: { kind: "openai-compatible", baseUrl: other.baseUrl },
    },
    routes: { chat: [`${a}/tiny`, `${b}/m`] },
  });
  return { a: `${a}/tiny`, b: `${b}/m` };
}

async function factsOf(candidate: string): Promise<Record<string, unknown>> {
  const { providers } = await (
    await admin("/providers")
  ).json<{
    providers: { circuit: string; ready: boolean; candidates: Record<string, unknown>[] }[];
  }>();
  const found = providers
    .flatMap(({ candidates }) => candidates)
    .find((one) => one["candidate"] === candidate);
  return { ...found };
}

/** Until a listing that was asked for behind a response is taken in. */
async function listed(times: number): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await telling.listings()) >= times) break;
    await scheduler.wait(20);
  }
  await scheduler.wait(100);
}

describe("a provider that lists what its models hold", () => {
  it("is passed over without a call by a prompt that is longer, once it was asked", async () => {
    await telling.list({ body: listing });
    const { a, b } = await begin();
    expect(await servedBy(await chat({ model: "chat" }))).toBe(a);
    await listed(1);
    const response = await chat({ model: "chat", ...long });
    expect(await servedBy(response)).toBe(b);
    expect(response.headers.get("x-lifeboat-failover")).toBe("context_too_small");
    expect(await telling.calls()).toHaveLength(1);
    expect(await servedBy(await chat({ model: "chat" }))).toBe(a);
    expect(await telling.listings()).toBe(1);
  });

  it("is believed what its tokens cost", async () => {
    await telling.list({ body: listing });
    await begin();
    const first = await chat({ model: "chat" });
    await first.text();
    await listed(1);
    const second = await chat({ model: "chat" });
    await second.text();
    // 7 tokens in, 3 out, in whole micro-dollars.
    expect((await decisionOf(second))["costUsd"]).toBe(0.000_008);
  });

  it("is shown at GET /admin/providers with what is known of its model, and from where", async () => {
    await telling.list({ body: listing });
    const { a } = await begin();
    expect(await factsOf(a)).toMatchObject({
      circuit: "closed",
      facts: {
        contextWindow: { value: 4_096, from: "listing" },
        price: { value: { input: { base: 0.6 } }, from: "listing" },
        tools: { value: null, from: "unknown" },
      },
    });
  });

  it.each([
    ["an error", { status: 500, body: listing }],
    ["a page", { type: "text/html", body: "<html>Sign in</html>" }],
    ["refused to the key", { status: 401, body: '{"error":{"message":"no"}}' }],
    ["too long", { body: JSON.stringify({ data: [entry, { id: "x".repeat(5_000_000) }] }) }],
  ])("serves as before where the listing is %s", async (_what, saying) => {
    await telling.list(saying);
    const { a } = await begin();
    expect(await servedBy(await chat({ model: "chat" }))).toBe(a);
    await listed(1);
    const response = await chat({ model: "chat", ...long });
    expect(await servedBy(response)).toBe(a);
    expect(response.headers.get("x-lifeboat-failover")).toBeNull();
    expect(await telling.listings()).toBe(1);
    expect((await decisionOf(response))["costUsd"]).toBeNull();
    const shown = await factsOf(a);
    expect(shown).toMatchObject({
      circuit: "closed",
      facts: { contextWindow: { value: null, from: "unknown" } },
    });
  });

  it("is asked for it unbidden only by kinds of which it is known", async () => {
    await telling.list({ body: listing });
    const { a } = await begin("openai-compatible");
    expect(await servedBy(await chat({ model: "chat" }))).toBe(a);
    await scheduler.wait(200);
    expect(await telling.listings()).toBe(0);
    expect(await factsOf(a)).toMatchObject({
      facts: { contextWindow: { value: 4_096, from: "listing" } },
    });
    expect(await telling.listings()).toBe(1);
  });
});

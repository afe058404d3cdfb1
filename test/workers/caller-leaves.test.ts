import { describe, expect, it } from "vitest";
import { admin, chat, putConfig, upstream, type SeenDecision } from "./router.ts";

const first = upstream("leaves-first");
const second = upstream("leaves-second");

async function configure(provider: string): Promise<void> {
  await second.script({ do: "answer" });
  await putConfig({
    providers: {
      [provider]: { kind: "openai-compatible", baseUrl: first.baseUrl },
      second: { kind: "openai-compatible", baseUrl: second.baseUrl },
    },
    routes: { chat: [`${provider}/a`, "second/b"] },
  });
}

async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await ask();
    if (found !== undefined) return found;
    await scheduler.wait(30);
  }
  throw new Error("nothing came within 3 s");
}

/** The newest decision over a candidate of this provider. */
function decisionAbout(provider: string): Promise<SeenDecision> {
  return until(async () => {
    const { decisions } = await (
      await admin(`/decisions?provider=${provider}`)
    ).json<{ decisions: SeenDecision[] }>();
    return decisions[0];
  });
}

describe("a caller that leaves", () => {
  it("before the answer ends the upstream call, and nobody else is asked", async () => {
    await configure("gone-before");
    await first.script({ do: "silent" });
    const leaving = new AbortController();
    const asked = chat({ model: "chat" }, { signal: leaving.signal }).catch(() => null);
    await until(async () => ((await first.calls()).length > 0 ? true : undefined));
    const leftAt = Date.now();
    leaving.abort();
    await asked;
    const abortedAt = await until(async () => (await first.calls())[0]?.abortedAt ?? undefined);
    expect(abortedAt - leftAt).toBeLessThan(1_000);
    expect(await decisionAbout("gone-before")).toMatchObject({
      outcome: "cancelled",
      attempts: [{ candidate: "gone-before/a", outcome: "cancelled", circuitAfter: "closed" }],
    });
    expect(await second.calls()).toEqual([]);
  });

  it("in the middle of a stream ends the upstream call, and the circuit hears nothing", async () => {
    await configure("gone-amid");
    await first.script({ do: "stall", after: 2, ms: 3_000 });
    for (let round = 0; round < 4; round += 1) {
      const response = await chat({ model: "chat", stream: true });
      expect(response.headers.get("x-lifeboat-candidate")).toBe("gone-amid/a");
      const reader = response.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    }
    await until(async () =>
      (await first.calls()).every(({ abortedAt }) => abortedAt !== null) ? true : undefined,
    );
    expect(await decisionAbout("gone-amid")).toMatchObject({
      outcome: "cancelled",
      attempts: [{ outcome: "cancelled", circuitAfter: "closed" }],
    });
  });
});

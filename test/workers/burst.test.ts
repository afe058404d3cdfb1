import { beforeEach, describe, expect, it } from "vitest";
import type { Behaviour } from "../loopback/behaviour.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { chat } from "./router.ts";
import { fromFirst, servedBy, twoProviders } from "./two-providers.ts";

const two = twoProviders("burst");
const { first } = two;

beforeEach(() => two.begin());

const answer = fromFirst;

describe("a burst of 20 on a candidate that says to come back in a second", () => {
  async function burst(begin: (ask: () => Promise<void>) => Promise<void>[]) {
    const from = Date.now();
    const answers: { by: string | null; ms: number }[] = [];
    const ask = async (): Promise<void> => {
      const by = await servedBy(await chat({ model: "chat" }));
      answers.push({ by, ms: Date.now() - from });
    };
    await Promise.all(begin(ask));
    const ofTheFirst = answers.filter(({ by }) => by === two.a);
    const ofTheSecond = answers.filter(({ by }) => by === two.b);
    return { ofTheFirst, ofTheSecond, slowestMs: Math.max(...ofTheSecond.map(({ ms }) => ms)) };
  }

  it("that one request has found out: it waits and probes, the others are served at once", async () => {
    await first.script(answer, [rateLimited(1)]);
    const found = await burst((ask) => {
      const opener = ask();
      const known = until(async () => (await first.calls()).length > 0).then(() => pause(100));
      return [opener, ...Array.from({ length: 19 }, () => known.then(ask))];
    });
    expect(found.ofTheFirst).toMatchObject([{ ms: expect.any(Number) }]);
    expect(found.ofTheFirst[0]?.ms).toBeGreaterThanOrEqual(1_000);
    expect(found.ofTheSecond).toHaveLength(19);
    expect(found.slowestMs).toBeLessThan(1_000);
    expect(await first.calls()).toHaveLength(2);
  });

  const pause429: Behaviour = rateLimited(1);
  const pause503: Behaviour = {
    do: "error",
    status: 503,
    headers: { "retry-after": "1" },
    body: { error: { message: "The engine is overloaded", type: "server_error" } },
  };

  it.each([
    ["a rate limit", pause429],
    ["an overload, which alone would open no circuit", pause503],
  ])(
    "that all of them find out together, by %s: one waits, 19 are served at once",
    async (_name, limit) => {
      const slowly: Behaviour = limit.do === "error" ? { ...limit, afterMs: 400 } : limit;
      await first.script(
        answer,
        Array.from({ length: 20 }, () => slowly),
      );
      const found = await burst((ask) => Array.from({ length: 20 }, ask));
      expect(found.ofTheFirst).toHaveLength(1);
      expect(found.ofTheSecond).toHaveLength(19);
      expect(found.slowestMs).toBeLessThan(1_300);
      expect(await first.calls()).toHaveLength(21);
    },
  );
});

async function until(ask: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await ask()) return;
    await pause(10);
  }
  throw new Error("it did not come");
}

function pause(ms: number): Promise<void> {
  return scheduler.wait(ms);
}

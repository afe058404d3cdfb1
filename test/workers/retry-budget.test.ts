import { expect, it } from "vitest";
import { chat, putConfig, upstream } from "./router.ts";

const first = upstream("budget-first");
const second = upstream("budget-second");

/** By itself in its isolate, so that every request that its budget knows is this test's. */
it("an outage is not multiplied: of 100 requests no more than a fifth are asked again", async () => {
  await first.script({ do: "error", status: 500, body: "oops" });
  await second.script({ do: "answer" });
  await putConfig({
    providers: {
      down: { kind: "openai-compatible", baseUrl: first.baseUrl },
      well: { kind: "openai-compatible", baseUrl: second.baseUrl },
    },
    routes: {
      chat: {
        candidates: ["down/m", "well/m"],
        // The circuit would end this long before the budget does.
        breaker: { consecutiveFailures: 1_000, volumeThreshold: 1_000 },
      },
    },
  });
  const ask = async (): Promise<string | null> => {
    const response = await chat({ model: "chat" });
    await response.text();
    return response.headers.get("x-lifeboat-candidate");
  };
  for (let round = 0; round < 10; round += 1) {
    const asked = Array.from({ length: 10 }, ask);
    expect(new Set(await Promise.all(asked))).toEqual(new Set(["well/m"]));
  }
  const retries = (await first.calls()).length - 100;
  expect(retries).toBeGreaterThanOrEqual(10);
  expect(retries).toBeLessThanOrEqual(20);
}, 30_000);

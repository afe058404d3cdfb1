import { expect, it } from "vitest";
import { admin, decisionOf } from "./router.ts";
import { ask, first, fresh, hear, route, said, second } from "./stream-route.ts";

/** By itself in its isolate, whose budget lets a few requests be hedged. */
it("a hedge that fails is settled at once, while the first is still waited for", async () => {
  await route({ hedgeAfterMs: 100, timeouts: { headersMs: 3_000, idleMs: 3_000 } });
  await first.script({ do: "stall", after: 0, ms: 2_500, text: said });
  await second.script({ do: "error", status: 429, body: { error: { message: "slow down" } } });
  let answered = false;
  const asked = ask().finally(() => (answered = true));
  const isOpen = async (): Promise<boolean> => {
    const listed = await admin("/circuits");
    const { circuits } = await listed.json<{ circuits: { scope: string; state: string }[] }>();
    return circuits.some(({ scope, state }) => scope.startsWith(`sb${fresh}`) && state === "open");
  };
  let open = false;
  for (let tries = 0; tries < 60 && !open; tries += 1) {
    await scheduler.wait(20);
    open = await isOpen();
  }
  expect(open).toBe(true);
  expect(answered).toBe(false);
  const response = await asked;
  expect(await hear(response)).toMatchObject({ text: said, done: 1 });
  expect(await decisionOf(response)).toMatchObject({
    hedge: "lost",
    attempts: [
      { n: 1, outcome: "ok" },
      { n: 2, outcome: "rate_limited" },
    ],
  });
});

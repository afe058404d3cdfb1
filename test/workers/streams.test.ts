import { describe, expect, it } from "vitest";
import { admin, decisionOf } from "./router.ts";
import { ask, first, fresh, hear, route, said } from "./stream-route.ts";

describe("commit: buffered", () => {
  it("has a stream that breaks told by the next candidate, unseen", async () => {
    await route({ commit: "buffered" });
    await first.script({ do: "cut", after: 5, text: said });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ text: said, error: null, done: 1 });
    expect(response.headers.get("x-lifeboat-candidate")).toBe(`sb${fresh}/m`);
    expect((await decisionOf(response)).outcome).toBe("served");
  });
});

describe("commit: { heldTokens }", () => {
  it("hides a break within what is held, and shows one behind it", async () => {
    await route({ commit: { heldTokens: 5 } });
    await first.script({ do: "cut", after: 4, text: said });
    expect(await hear(await ask())).toMatchObject({ text: said, error: null });
    await first.script({ do: "cut", after: 8, text: said });
    expect(await hear(await ask())).toMatchObject({ error: { code: "upstream_server_error" } });
  });
});

describe("commit: { heldMs }", () => {
  it("hides a stall within what is held, and a break", async () => {
    await route({ commit: { heldMs: 5_000 } });
    for (const fault of [{ do: "stall", ms: 20_000 }, { do: "cut" }] as const) {
      await first.script({ ...fault, after: 4, text: said });
      const response = await ask();
      expect(await hear(response)).toMatchObject({ text: said, error: null, done: 1 });
      expect(response.headers.get("x-lifeboat-candidate")).toBe(`sb${fresh}/m`);
    }
  });

  it("lets a stream go when its time is over", async () => {
    await route({ commit: { heldMs: 100 } });
    await first.script({ do: "stall", after: 4, ms: 20_000, text: said });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ error: { code: "upstream_timeout" } });
  });
});

describe("the clocks", () => {
  it.each([
    ["headers_timeout", { do: "silent" }],
    ["first_token_timeout", { do: "headers-then-silence" }],
  ] as const)("name the one that ran out: %s", async (code, fault) => {
    await route();
    await first.script(fault);
    const response = await ask();
    await response.text();
    const decision = await decisionOf(response);
    expect(decision.attempts).toMatchObject([{ outcome: "timeout", code }, { outcome: "ok" }]);
  });

  it("are a candidate's own where it says so", async () => {
    await route({
      candidates: [{ use: `sa${fresh}/m`, timeouts: { idleMs: 5_000 } }, `sb${fresh}/m`],
    });
    await first.script({ do: "stall", after: 3, ms: 900, text: said });
    expect(await hear(await ask())).toMatchObject({ text: said, error: null });
  });

  it.each([
    ["count pings as a sign of life", "anything", 0],
    ["do not, where only output counts", "output", 1],
  ])("%s", async (_name, alive, errors) => {
    await route({ timeouts: { idleMs: 400, totalMs: 1_500, alive } });
    await first.script({ do: "pings", after: 4, everyMs: 40, text: said });
    const began = Date.now();
    const response = await ask();
    const { error } = await hear(response);
    const attempts = (await decisionOf(response)).attempts;
    const code = errors === 0 ? "total_timeout" : "idle_timeout";
    expect(error).toMatchObject({ code: "upstream_timeout" });
    expect(attempts).toMatchObject([{ outcome: "timeout", code }]);
    if (errors === 0) expect(Date.now() - began).toBeGreaterThan(1_400);
  });

  it("do not make an app wait for the end of a stream that has given its finish reason", async () => {
    await route({ timeouts: { idleMs: 60_000, totalMs: 60_000 } });
    await first.script({ do: "hang-at-end", text: said });
    const began = Date.now();
    expect(await hear(await ask())).toMatchObject({ text: said, error: null, done: 1 });
    expect(Date.now() - began).toBeLessThan(8_000);
  });
});

describe("a stream that is cut short", () => {
  it("has its decision say how much was delivered and what was left out", async () => {
    await route();
    await first.script({ do: "cut", after: 4, text: said });
    const response = await ask();
    const { text } = await hear(response);
    expect(text).toBe("one two thrée ");
    expect(await decisionOf(response)).toMatchObject({
      outcome: "truncated",
      delivered: { events: 4 },
      attempts: [{ outcome: "server_error" }],
    });
  });

  it("counts: three of them in a row open the circuit", async () => {
    await route();
    await first.script({ do: "cut", after: 4, text: said });
    for (let n = 0; n < 3; n += 1) await (await ask()).text();
    const response = await ask();
    await response.text();
    expect(response.headers.get("x-lifeboat-failover")).toBe("circuit_open");
  });

  it("one malformed event in it is noted", async () => {
    await route();
    await first.script({ do: "garbage-event", after: 4, text: said });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ text: said, error: null, done: 1 });
    expect(await decisionOf(response)).toMatchObject({ outcome: "served", malformedEvents: 1 });
  });
});

describe("an app that leaves", () => {
  it("takes the upstream with it, and no circuit is touched", async () => {
    await route();
    await first.script({ do: "stall", after: 3, ms: 20_000, text: said });
    const response = await ask();
    const reader = response.body?.getReader();
    await reader?.read();
    const leftAt = Date.now();
    await reader?.cancel();
    const decision = await decisionOf(response);
    expect(decision).toMatchObject({
      outcome: "cancelled",
      attempts: [{ outcome: "cancelled", circuitBefore: "closed", circuitAfter: "closed" }],
    });
    const [call] = await first.calls();
    expect((call?.abortedAt ?? Infinity) - leftAt).toBeLessThan(500);
    const { circuits } = await (
      await admin("/circuits")
    ).json<{ circuits: { scope: string; state: string }[] }>();
    expect(circuits.filter(({ scope }) => scope.startsWith(`sa${fresh}`))).not.toContainEqual(
      expect.objectContaining({ state: "open" }),
    );
  });
});

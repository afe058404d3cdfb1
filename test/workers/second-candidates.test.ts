import { describe, expect, it } from "vitest";
import { decisionOf } from "./router.ts";
import { ask, first, fresh, hear, route, said, second, third } from "./stream-route.ts";

describe('onBreak: "continue"', () => {
  const goesOn = { onBreak: "continue" };

  it("joins the rest with no repeat and no gap, behind a comment", async () => {
    await route(goesOn);
    await first.script({ do: "cut", after: 4, text: said });
    const response = await ask({ max_tokens: 100 });
    const { text, comments, error, done } = await hear(response);
    expect({ text, error, done }).toEqual({ text: said, error: null, done: 1 });
    expect(comments).toEqual([`: lifeboat: sb${fresh}/m goes on from here`]);
    const [call] = await second.calls();
    expect(call?.body["messages"]).toMatchObject([
      { role: "user" },
      { role: "assistant", content: "one two thrée " },
    ]);
    expect(call?.body["max_tokens"]).toBeLessThan(100);
    expect(await decisionOf(response)).toMatchObject({
      outcome: "served",
      candidate: `sa${fresh}/m`,
      continuedBy: `sb${fresh}/m`,
      attempts: [
        { n: 1, outcome: "server_error" },
        { n: 2, outcome: "ok" },
      ],
    });
  });

  it("goes on a second time when the rest breaks off too", async () => {
    await route(goesOn);
    await first.script({ do: "cut", after: 3, text: said });
    await second.script({ do: "stall", after: 3, ms: 5_000, text: said });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ text: said, error: null, done: 1 });
    expect(await decisionOf(response)).toMatchObject({
      continuedBy: `sc${fresh}/m`,
      attempts: [{ outcome: "server_error" }, { code: "idle_timeout" }, { outcome: "ok" }],
    });
  });

  it("passes over who cannot, and shows nothing of one that refuses", async () => {
    await route(goesOn, { assistantPrefix: false });
    await first.script({ do: "cut", after: 4, text: said });
    expect(await hear(await ask())).toMatchObject({ text: said, error: null });
    expect(await second.calls()).toEqual([]);

    await route(goesOn);
    await second.script({ do: "refuse-prefix", text: said });
    expect(await hear(await ask())).toMatchObject({ text: said, error: null });
    expect(await second.calls()).toHaveLength(1);
  });

  it("with nobody to go on is an error, as without it", async () => {
    await route({ ...goesOn, candidates: [`sa${fresh}/m`, `sb${fresh}/m`] });
    await first.script({ do: "cut", after: 4, text: said });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ done: 0, error: { type: "server_error" } });
    expect(await decisionOf(response)).toMatchObject({ outcome: "truncated", continuedBy: null });
  });

  it("has an app that leaves meanwhile recorded, with who was asked to go on", async () => {
    await route(goesOn);
    await first.script({ do: "cut", after: 4, text: said });
    await second.script({ do: "stall", after: 0, ms: 300, text: said });
    const response = await ask();
    const reader = response.body?.getReader();
    const readOn = async (): Promise<void> => {
      while ((await reader?.read())?.done === false);
    };
    // Its last read is cut off when the app leaves.
    const reading = readOn().catch(() => undefined);
    while ((await second.calls()).length === 0) await scheduler.wait(10);
    await reader?.cancel();
    await reading;
    expect(await decisionOf(response)).toMatchObject({
      outcome: "cancelled",
      attempts: [{ outcome: "server_error" }, { candidate: `sb${fresh}/m`, outcome: "cancelled" }],
    });
  });

  it("is not for an answer in a JSON schema", async () => {
    await route(goesOn);
    await first.script({ do: "cut", after: 4, text: said });
    const response_format = { type: "json_object" };
    expect(await hear(await ask({ response_format }))).toMatchObject({ done: 0 });
    expect(await second.calls()).toEqual([]);
  });
});

describe("hedgeAfterMs", () => {
  const hedged = { hedgeAfterMs: 100, timeouts: { headersMs: 3_000, idleMs: 3_000 } };

  it("starts the next candidate beside a slow one; the first to answer wins and the other is ended", async () => {
    await route(hedged);
    await first.script({ do: "silent" });
    const response = await ask();
    expect(await hear(response)).toMatchObject({ text: said, done: 1 });
    expect(response.headers.get("x-lifeboat-candidate")).toBe(`sb${fresh}/m`);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("2");
    expect(await decisionOf(response)).toMatchObject({
      hedge: "won",
      attempts: [
        { n: 1, outcome: "cancelled", circuitAfter: "closed" },
        { n: 2, outcome: "ok" },
      ],
    });
    const [call] = await first.calls();
    expect(call?.abortedAt).not.toBeNull();
  });

  it("is lost when the first comes in before the second, which is ended", async () => {
    await route(hedged);
    await first.script({ do: "stall", after: 0, ms: 300, text: said });
    await second.script({ do: "silent" });
    const response = await ask();
    await response.text();
    expect(await decisionOf(response)).toMatchObject({
      hedge: "lost",
      candidate: `sa${fresh}/m`,
      attempts: [
        { n: 1, outcome: "ok" },
        { n: 2, outcome: "cancelled" },
      ],
    });
  });

  it("keeps to its budget: a few, or one request in twenty", async () => {
    await route(hedged);
    await first.script({ do: "stall", after: 0, ms: 250, text: said });
    const outcomes: unknown[] = [];
    for (let n = 0; n < 4; n += 1) {
      const response = await ask();
      await response.text();
      outcomes.push((await decisionOf(response))["hedge"]);
    }
    expect(outcomes.at(-1)).toBe("over_budget");
  });

  it("leaves a fast candidate alone", async () => {
    await route(hedged);
    const response = await ask();
    await response.text();
    expect(await decisionOf(response)).toMatchObject({ hedge: null });
    expect(await second.calls()).toEqual([]);
  });
});

describe("keepAlive", () => {
  const alive = { keepAlive: 100, timeouts: { headersMs: 350, totalMs: 5_000 } };

  it("sends comments while a stream is waited for, then the stream", async () => {
    await route(alive);
    await first.script({ do: "silent" });
    const response = await ask();
    const { text, comments, done } = await hear(response);
    expect({ text, done }).toEqual({ text: said, done: 1 });
    expect(comments.length).toBeGreaterThan(1);
    expect(response.headers.get("x-lifeboat-candidate")).toBeNull();
    expect(await decisionOf(response)).toMatchObject({ candidate: `sb${fresh}/m` });
  });

  it("tells that nothing could serve by an error event, and the decision has the true status", async () => {
    await route(alive);
    for (const one of [first, second, third]) await one.script({ do: "silent" });
    const response = await ask();
    const { error, done } = await hear(response);
    expect(response.status).toBe(200);
    expect(done).toBe(0);
    expect(error).toMatchObject({ code: "no_candidate_available" });
    expect(await decisionOf(response)).toMatchObject({ outcome: "failed", status: 503 });
  });

  it("tells a provider's error of many lines in one event", async () => {
    await route(alive);
    const error = { message: "no such parameter", type: "invalid_request_error", code: null };
    const body = JSON.stringify({ error }, null, 2).replaceAll("\n", "\n\n");
    await first.script({ do: "error", status: 400, body, afterMs: 250 });
    const response = await ask();
    expect((await hear(response)).error).toMatchObject({ message: "no such parameter" });
  });

  it("ends the upstream call when the app leaves while it waits", async () => {
    await route({ keepAlive: 50, timeouts: { headersMs: 5_000 } });
    await first.script({ do: "silent" });
    const response = await ask();
    const reader = response.body?.getReader();
    await reader?.read();
    const leftAt = Date.now();
    await reader?.cancel();
    expect(await decisionOf(response)).toMatchObject({ outcome: "cancelled" });
    const [call] = await first.calls();
    expect((call?.abortedAt ?? Infinity) - leftAt).toBeLessThan(500);
  });

  it("changes nothing for an answer that comes soon", async () => {
    await route(alive);
    const response = await ask();
    expect(response.headers.get("x-lifeboat-candidate")).toBe(`sa${fresh}/m`);
    expect((await hear(response)).comments).toEqual([]);
  });
});

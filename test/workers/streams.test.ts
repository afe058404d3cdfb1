import { beforeEach, describe, expect, it } from "vitest";
import { admin, chat, decisionOf, putConfig, upstream } from "./router.ts";

const first = upstream("streams-first");
const second = upstream("streams-second");
const third = upstream("streams-third");

const said = "one two thrée four five six seven eight";
let fresh = 0;

/** Providers that no circuit knows yet, and a route over them with the options under test. */
async function route(options: object = {}, more: { assistantPrefix?: boolean } = {}) {
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

const ask = (body: object = {}) => chat({ model: "chat", stream: true, ...body });

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

const hear = async (response: Response) => heard(await response.text());

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

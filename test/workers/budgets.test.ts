import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { windowAt } from "../../src/plan/budget-window.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { admin, chat, decisionOf, putConfig, upstream } from "./router.ts";
import { servedBy } from "./two-providers.ts";

const upstreams = {
  dear: upstream("budget-dear"),
  cheap: upstream("budget-cheap"),
  free: upstream("budget-free"),
};
const { dear, cheap, free } = upstreams;

/** Dollars per million tokens: an answer of ten tokens costs a cent, a tenth of one, nothing. */
const prices = { dear: 1_000, cheap: 100, free: 0 };
const aCent = 0.01;

type Name = keyof typeof upstreams;

let fresh = 0;
/** The route under test, and its candidates; new for each test, so nothing was spent there. */
let route = "";
let ids: Record<Name, string> = { dear: "", cheap: "", free: "" };

beforeEach(async () => {
  for (const one of Object.values(upstreams))
    await one.script({ do: "answer", text: "one two three" });
});

afterEach(() => vi.useRealTimers());

async function configure(
  budget: object,
  candidates: readonly Name[],
  { options = () => ({}), priced = true }: { options?: () => object; priced?: boolean } = {},
): Promise<void> {
  fresh += 1;
  route = `route-${fresh}`;
  const named = (name: Name): string => `${name}${fresh}`;
  ids = { dear: `${named("dear")}/m`, cheap: `${named("cheap")}/m`, free: `${named("free")}/m` };
  const provider = (name: Name): object => {
    const price = { input: prices[name], output: prices[name] };
    const models = priced ? { m: { price } } : {};
    return { kind: "openai-compatible", baseUrl: upstreams[name].baseUrl, models };
  };
  await putConfig({
    providers: Object.fromEntries(
      (["dear", "cheap", "free"] as const).map((name) => [named(name), provider(name)]),
    ),
    routes: {
      [route]: { candidates: candidates.map((name) => ids[name]), ...options() },
      [`${route}-plain`]: candidates.map((name) => ids[name]),
    },
    budgets: [{ per: "month", route, ...budget }],
  });
}

function ask(more: object = {}, init: Parameters<typeof chat>[1] = {}): Promise<Response> {
  return chat({ model: route, max_tokens: 3, ...more }, init);
}

interface ShownBudget {
  readonly key: string | null;
  readonly state: string;
  readonly spentUsd: number;
  readonly [field: string]: unknown;
}

async function budgets(): Promise<readonly ShownBudget[]> {
  const answer: { budgets: ShownBudget[] } = await (await admin("/budgets")).json();
  return answer.budgets;
}

describe("a budget near its end", () => {
  const near = { usd: 0.05, cheaperFrom: 0.2 };

  it("turns requests to the cheapest candidate that fits, a lesser one too", async () => {
    await configure(near, ["dear"], { options: () => ({ downgrade: [ids.cheap] }) });
    expect(await servedBy(await ask())).toBe(ids.dear);
    const response = await ask();
    expect(await servedBy(response)).toBe(ids.cheap);
    expect(response.headers.get("x-lifeboat-failover")).toBe("budget_low");
    expect(await dear.calls()).toHaveLength(1);
    expect(await decisionOf(response)).toMatchObject({
      outcome: "served",
      costUsd: aCent / 10,
      failover: "budget_low",
      skipped: [{ candidate: ids.dear, reason: "budget_low", until: expect.any(Number) }],
    });
  });

  it("asks the dear one when the cheap one fails", async () => {
    await configure(near, ["dear", "cheap"]);
    await (await ask()).text();
    await cheap.script({ do: "error", status: 401, body: "no" });
    const response = await ask();
    expect(await servedBy(response)).toBe(ids.dear);
    expect(response.headers.get("x-lifeboat-attempts")).toBe("2");
  });

  it("refuses what would take more than is left, and says so", async () => {
    await configure({ usd: 0.012, cheaperFrom: 0.5 }, ["dear"]);
    await (await ask()).text();
    const response = await ask();
    expect(response.status).toBe(402);
    const { error } = await response.json<{ error: { message: string } }>();
    expect(error).toMatchObject({ lifeboat: { skipped: [{ reason: "budget_too_small" }] } });
    expect(error.message).toMatch(/about \$0\.00\d+ needed; it begins anew at /);
  });
});

describe("a spent budget", () => {
  const spent = { usd: aCent };

  it("leaves what costs nothing, and asks nobody else", async () => {
    await configure(spent, ["dear", "cheap", "free"]);
    expect(await servedBy(await ask())).toBe(ids.dear);
    const response = await ask();
    expect(await servedBy(response)).toBe(ids.free);
    expect(response.headers.get("x-lifeboat-failover")).toBe("budget_spent");
    expect(await decisionOf(response)).toMatchObject({ costUsd: 0, skipped: [{}, {}] });
    expect([await dear.calls(), await cheap.calls()]).toMatchObject([[{}], []]);
  });

  it("with nothing that is free is a 402 in OpenAI's shape until the window ends", async () => {
    await configure({ ...spent, key: "*" }, ["dear", "cheap"]);
    const first = await decisionOf(await ask());
    const response = await ask();
    const anew = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1, 1));
    expect(response.status).toBe(402);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-lifeboat-attempts")).toBe("0");
    expect(response.headers.get("x-lifeboat-failover")).toBe("budget_spent");
    const waitS = Number(response.headers.get("retry-after"));
    expect(Math.abs(waitS - (anew.getTime() - Date.now()) / 1000)).toBeLessThan(5);
    const said = `$0.01 of $0.01 per month spent (${String(first["key"])} on route ${route})`;
    expect(await response.json()).toEqual({
      error: {
        type: "insufficient_quota",
        code: "budget_exceeded",
        param: null,
        message: `A budget does not allow this request: ${said}; it begins anew at ${anew.toISOString()}.`,
        lifeboat: {
          decision: response.headers.get("x-lifeboat-decision"),
          attempts: [],
          skipped: [ids.dear, ids.cheap].map((candidate) => ({
            candidate,
            reason: "budget_spent",
            until: anew.getTime(),
            detail: said,
          })),
        },
      },
    });
    expect(await decisionOf(response)).toMatchObject({
      outcome: "rejected",
      status: 402,
      failover: "budget_spent",
      costUsd: null,
      costUnknown: null,
      skipped: [{}, {}],
    });
    expect([await dear.calls(), await cheap.calls()]).toMatchObject([[{}], []]);
  });

  it("of one key is not another key's", async () => {
    await configure({ ...spent, key: "*" }, ["dear"]);
    const other = { headers: { authorization: "Bearer other-key" } };
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(402);
    expect((await ask({}, other)).status).toBe(200);
    expect((await ask({}, other)).status).toBe(402);
  });

  it("of a route is not another route's", async () => {
    await configure(spent, ["dear"]);
    await (await ask()).text();
    expect((await ask()).status).toBe(402);
    expect((await chat({ model: `${route}-plain` })).status).toBe(200);
    expect((await chat({ model: ids.dear })).status).toBe(200);
  });

  it("is no reason for a 402 where a free candidate is merely out of service", async () => {
    await configure(spent, ["dear", "free"]);
    await (await ask()).text();
    await free.script({ do: "error", status: 500, body: "oh" });
    const response = await ask();
    expect(response.status).toBe(503);
    expect(response.headers.get("x-should-retry")).toBeNull();
    const { error } = await response.json<{ error: { message: string } }>();
    expect(error.message).toContain(`${ids.dear}: budget_spent ($0.01 of $0.01 per month spent`);
    expect(await decisionOf(response)).toMatchObject({ outcome: "failed" });
    expect(await dear.calls()).toHaveLength(1);
  });

  it("is not over because the circuit of a candidate that costs reopens", async () => {
    await configure(spent, ["dear", "free"]);
    await (await ask()).text();
    await dear.script(rateLimited(3));
    await (await chat({ model: ids.dear })).text();
    await free.script(rateLimited(120));
    const response = await ask();
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(100);
  });

  it("is the reason where the free candidate cannot take the request", async () => {
    await configure(spent, ["dear", "free"]);
    await (await ask()).text();
    const message = "This model's maximum context length is 10 tokens.";
    const error = { message, type: "invalid_request_error", code: "context_length_exceeded" };
    await free.script({ do: "error", status: 400, body: { error } });
    const response = await ask();
    expect(response.status).toBe(402);
    expect(response.headers.get("retry-after")).not.toBeNull();
    expect(await decisionOf(response)).toMatchObject({ outcome: "failed", attempts: [{}] });
  });

  it("is not waited out at a throttled candidate that costs", async () => {
    await configure(spent, ["dear"], { options: () => ({ onLimit: "wait" }) });
    await (await ask()).text();
    await dear.script(rateLimited(1), [], { keepCalls: true });
    await (await chat({ model: `${route}-plain` })).text();
    const calls = await dear.calls();
    const response = await ask();
    expect(response.status).toBe(402);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(2);
    expect(await dear.calls()).toHaveLength(calls.length);
  });
});

describe("what counts", () => {
  it("is a stream's cost at its end", async () => {
    await configure({ usd: aCent }, ["dear"]);
    await dear.script({ do: "answer", text: "one two three", paceMs: 100 });
    const stream = await ask({ stream: true });
    const reader = stream.body?.getReader();
    await reader?.read();
    expect(await budgets()).toMatchObject([{ state: "within", spentUsd: 0 }]);
    while ((await reader?.read())?.done === false);
    expect(await budgets()).toMatchObject([{ state: "spent", spentUsd: aCent }]);
    expect((await ask({ stream: true })).status).toBe(402);
  });

  it("is not what nobody knows the cost of; that is told apart", async () => {
    await configure({ usd: aCent }, ["dear"], { priced: false });
    for (let turn = 0; turn < 2; turn += 1) expect((await ask()).status).toBe(200);
    expect(await budgets()).toMatchObject([{ state: "within", spentUsd: 0, costUnknown: 2 }]);
  });

  it("is the whole fleet's, and told to it though no other request comes", async () => {
    await configure({ usd: 1 }, ["dear"]);
    await (await ask()).text();
    const { until } = windowAt("month", Date.now());
    const scope = `month::${route}`;
    await scheduler.wait(2_800);
    const told = await env.FLEET.getByName("fleet").sync({
      isolate: "another",
      sentAt: Date.now(),
      skewMs: 0,
      incarnation: null,
      revision: 0,
      configVersion: 0,
      circuits: [],
      limits: [],
      wishes: [],
      probing: [],
      spending: {
        revision: 0,
        batches: [{ n: 1, spent: [{ scope, until, microUsd: 990_000, unknown: 0 }] }],
      },
    });
    expect(told.spending?.totals.find((one) => one.scope === scope)?.microUsd).toBe(1_000_000);
    expect(await budgets()).toMatchObject([{ state: "spent", spentUsd: 1 }]);
    expect((await ask()).status).toBe(402);
  });
});

describe("GET /admin/budgets", () => {
  it("shows every budget, for each key by its name, and the window that runs", async () => {
    await configure({ usd: 0.04, key: "*" }, ["dear"]);
    const { key } = await decisionOf(await ask());
    const [from, until] = [0, 1].map((more) =>
      Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + more, 1),
    );
    const same = { route, per: "month", usd: 0.04, cheaperFrom: 0.8, costUnknown: 0, from, until };
    const answer = await (
      await admin("/budgets")
    ).json<{ budgets: ShownBudget[]; fleet: string }>();
    expect(answer.fleet).toBe("synced");
    expect(answer.budgets).toHaveLength(2);
    const [mine, theirs] = answer.budgets.toSorted((a) => (a.key === key ? -1 : 1));
    expect(mine).toEqual({ ...same, key, state: "within", spentUsd: aCent, leftUsd: 0.03 });
    expect(theirs).toMatchObject({ ...same, state: "within", spentUsd: 0, leftUsd: 0.04 });
    expect(theirs?.key).toMatch(/^key-[0-9a-f]{8}$/);
  });

  it("is empty without any", async () => {
    await putConfig({
      providers: { p: { kind: "openai-compatible", baseUrl: dear.baseUrl } },
      routes: {},
    });
    expect(await budgets()).toEqual([]);
  });
});

// Last, since the clock of the links to the fleet does not go back.
describe("a window's end", () => {
  it("makes a spent budget whole again", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2031, 0, 31, 23, 59, 30) });
    await configure({ usd: aCent }, ["dear"]);
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([402, "30"]);
    vi.setSystemTime(Date.UTC(2031, 1, 1));
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(402);
  });
});

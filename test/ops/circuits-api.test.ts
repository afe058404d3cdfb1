import { beforeEach, describe, expect, it } from "vitest";
import { rateLimited } from "../loopback/upstream.ts";
import { admin, chat, putConfig, upstream } from "../workers/router.ts";

const first = upstream("circuits-first");
const second = upstream("circuits-second");

let fresh = 0;
let provider = "";
let scope = "";

beforeEach(async () => {
  fresh += 1;
  provider = `api-first${fresh}`;
  scope = `${provider}/a`;
  await first.script({ do: "answer", text: "from the first" });
  await second.script({ do: "answer", text: "from the second" });
  await putConfig({
    providers: {
      [provider]: { kind: "openai-compatible", baseUrl: first.baseUrl },
      second: { kind: "openai-compatible", baseUrl: second.baseUrl },
    },
    routes: {
      // Who waits out a limit itself would probe before the test does.
      chat: { candidates: [scope, "second/b"], onLimit: "failover" },
      alone: [scope],
    },
  });
});

interface Listed {
  readonly scope: string;
  readonly state: string;
  readonly [field: string]: unknown;
}

async function circuit(named: string): Promise<Listed | undefined> {
  const { circuits } = await (await admin("/circuits")).json<{ circuits: Listed[] }>();
  return circuits.find((one) => one.scope === named);
}

function post(path: string, body: unknown): Promise<Response> {
  return admin(`/circuits/${path}`, { method: "POST", body: JSON.stringify(body) });
}

async function servedBy(model = "chat"): Promise<string | null> {
  const response = await chat({ model });
  await response.text();
  return response.headers.get("x-lifeboat-candidate");
}

interface Event {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly decision: string | null;
  readonly at: number;
}

/** The transitions of a scope, oldest first, once there are as many. */
async function events(named: string, many: number): Promise<readonly Event[]> {
  for (let tries = 0; tries < 60; tries += 1) {
    const response = await admin(`/circuits/events?scope=${encodeURIComponent(named)}`);
    const page = await response.json<{ events: Event[] }>();
    if (page.events.length >= many) return page.events.reverse();
    await scheduler.wait(50);
  }
  throw new Error(`${many} events of ${named} were not written within 3 s`);
}

describe("GET /admin/circuits", () => {
  it("tells state, reason, end and the provider's own words of what opened it", async () => {
    await first.script(rateLimited(60));
    const before = Date.now();
    await (await chat({ model: "chat" })).text();
    const shown = await circuit(scope);
    expect(shown).toMatchObject({
      state: "open",
      reason: "rate_limited",
      share: 0,
      openings: 1,
      lastFailure: {
        class: "rate_limited",
        status: 429,
        code: "rate_limit_exceeded",
        message: expect.stringContaining("Rate limit"),
      },
      lease: null,
      isolates: { informed: 1, of: 1 },
    });
    expect(shown?.["until"]).toBeGreaterThanOrEqual(before + 60_000);
    expect(shown?.["since"]).toBeGreaterThanOrEqual(before);
  });

  it("tells who may probe a circuit, and how far it is back", async () => {
    await first.script(rateLimited(1));
    await (await chat({ model: "chat" })).text();
    expect(await circuit(scope)).toMatchObject({ lease: { holder: expect.any(String) } });
    await first.script({ do: "answer" });
    await scheduler.wait(1_050);
    expect(await circuit(scope)).toMatchObject({ state: "half-open", share: 0 });
    expect(await servedBy()).toBe(scope);
    expect(await circuit(scope)).toMatchObject({ state: "half-open", share: 0.1, lease: null });
  });
});

describe("a circuit whose time has come, with nothing else to ask", () => {
  it("is probed by the very request, which no lease is waited for", async () => {
    await first.script(rateLimited(1));
    expect((await chat({ model: "alone" })).status).toBe(429);
    await first.script({ do: "answer" });
    await scheduler.wait(1_050);
    const response = await chat({ model: "alone" });
    expect(response.status).toBe(200);
    await response.text();
    expect((await chat({ model: "alone" })).status).toBe(200);
  });
});

describe("an operator's hand", () => {
  it("opens a scope until the time it names, and closes it again", async () => {
    const until = Date.now() + 120_000;
    const opened = await post("open", { scope: provider, until });
    expect(await opened.json()).toMatchObject({
      scope: provider,
      state: "open",
      reason: "operator",
    });
    expect(await circuit(provider)).toMatchObject({ until: expect.closeTo(until, -2) });
    expect(await servedBy()).toBe("second/b");
    expect((await post("close", { scope: provider })).status).toBe(200);
    expect(await servedBy()).toBe(scope);
    expect(await events(provider, 2)).toMatchObject([
      { from: "closed", to: "open", reason: "operator", decision: null },
      { from: "open", to: "closed", reason: "operator", decision: null },
    ]);
  });

  it("closes what the provider's failures had opened, ramp and all", async () => {
    await first.script(rateLimited(600));
    await (await chat({ model: "chat" })).text();
    await first.script({ do: "answer" });
    await post("close", { scope });
    expect(await circuit(scope)).toMatchObject({ state: "closed", share: 1 });
    expect(await servedBy()).toBe(scope);
  });

  it.each([
    ["open", {}, "scope"],
    ["open", { scope: "nobody/x" }, "scope"],
    ["open", { scope: "second/*" }, "scope"],
    ["open", { scope: "second/" }, "scope"],
    ["close", { scope: "second/ m" }, "scope"],
    ["open", { scope: "second", ms: 5, until: 9_999_999_999_999 }, "ms"],
    ["open", { scope: "second", until: 5 }, "until"],
    ["open", { scope: "second", for: 5 }, "for"],
    ["close", { scope: "second", ms: 5 }, "ms"],
    ["close", null, ""],
  ])("%s with %j is refused, and says where it is wrong", async (path, body, param) => {
    const response = await post(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_body", param } });
  });
});

describe("the ledger", () => {
  it("holds every change of state, with the decision that brought it about", async () => {
    await first.script(rateLimited(1));
    const opening = await chat({ model: "chat" });
    await opening.text();
    await first.script({ do: "answer" });
    await scheduler.wait(1_050);
    const probing = await chat({ model: "chat" });
    await probing.text();
    expect(probing.headers.get("x-lifeboat-candidate")).toBe(scope);
    for (let call = 0; call < 12; call += 1) {
      if ((await circuit(scope))?.state === "closed") break;
      await scheduler.wait(510);
      await servedBy();
    }
    const told = await events(scope, 3);
    expect(told).toMatchObject([
      { from: "closed", to: "open", reason: "rate_limited" },
      { from: "open", to: "half-open", reason: "probe" },
      { from: "half-open", to: "closed", reason: "recovered" },
    ]);
    expect(told[0]?.decision).toBe(opening.headers.get("x-lifeboat-decision"));
    expect(told[1]?.decision).toBe(probing.headers.get("x-lifeboat-decision"));
  }, 20_000);
});

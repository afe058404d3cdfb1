import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import { compileConfig, type Compiled } from "../../src/config/compile.ts";

function compile(budgets: unknown, routes: object = { chat: ["a/x"], search: ["a/y"] }): Compiled {
  const providers = { a: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:1/v1" } };
  const raw = { providers, routes, ...(budgets !== undefined && { budgets }) };
  const simulator = { checkSimulator: () => null };
  const context = { kinds: providerKinds, bindings: {}, local: false, privateAddresses: true };
  return compileConfig(raw, { ...context, ...simulator });
}

function table(budgets: unknown, routes?: object) {
  const compiled = compile(budgets, routes);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.issues));
  return compiled.config.budgets;
}

const day = { usd: 5, per: "day" } as const;
const [one, two] = ["key-00000001", "key-00000002"];

describe("a bad budget", () => {
  it.each([
    ["less than nothing", [{ ...day, usd: -1 }], "budgets[0].usd", ""],
    ["less than can be counted", [{ ...day, usd: 1e-9 }], "budgets[0].usd", "micro-dollar"],
    ["no window", [{ usd: 5 }], "budgets[0].per", ""],
    ["a window that there is not", [{ usd: 5, per: "week" }], "budgets[0].per", ""],
    ["an unknown key", [{ ...day, rout: "chat" }], "budgets[0].rout", "unknown key"],
    ["an app's key itself", [{ ...day, key: "lb-secret" }], "budgets[0].key", "never the key"],
    [
      "a route that is not there",
      [day, { ...day, route: "cat" }],
      "budgets[1].route",
      'no route "cat"; known: chat, search',
    ],
    ["a share above all", [{ ...day, cheaperFrom: 1.1 }], "budgets[0].cheaperFrom", ""],
    [
      "what another one says already",
      [day, { ...day, usd: 9 }],
      "budgets[1]",
      "budgets[0] is for the same",
    ],
    ["no list", day, "budgets", ""],
  ])("of %s is refused, and the path and the reason are named", (_name, budgets, path, reason) => {
    const compiled = compile(budgets);
    if (compiled.ok) throw new Error("the config was taken");
    expect(compiled.issues.find((issue) => issue.path === path)?.reason).toContain(reason);
    expect(JSON.stringify(compiled.issues)).not.toContain("lb-secret");
  });

  it("is not one for another window, key or route", () => {
    const routed = { ...day, route: "chat" };
    const budgets = [
      day,
      { usd: 5, per: "hour" },
      { ...day, key: "*" },
      { ...day, key: one },
      routed,
    ];
    expect(compile([...budgets, { ...routed, key: "*" }])).toMatchObject({ ok: true });
  });
});

describe("the budgets that a request counts on", () => {
  const scopes = (budgets: unknown, key: string, route: string) =>
    table(budgets)
      ?.for(key, route)
      .map(({ scope }) => scope);

  it("are none where the config has none", () => {
    expect(table(undefined)).toBeNull();
    expect(table([])).toBeNull();
  });

  it("are each key's own, and everybody's", () => {
    const budgets = [day, { ...day, key: "*" }];
    expect(scopes(budgets, one, "chat")).toEqual(["day::", `day:${one}:`]);
    expect(scopes(budgets, two, "chat")).toEqual(["day::", `day:${two}:`]);
  });

  it("of a key that has one of its own are that in place of each key's, in the same window and route", () => {
    const budgets = [
      { ...day, key: "*" },
      { ...day, key: one, usd: 50 },
      { ...day, key: "*", per: "hour" },
    ];
    const found = table(budgets)?.for(one, "chat");
    expect(found).toMatchObject([
      { scope: `day:${one}:`, limitMicroUsd: 50_000_000 },
      { scope: `hour:${one}:`, limitMicroUsd: 5_000_000 },
    ]);
    expect(table(budgets)?.for(two, "chat")).toMatchObject([{ limitMicroUsd: 5_000_000 }, {}]);
  });

  it("are those of its route; * is for what is asked for by no route's name", () => {
    const budgets = [
      { ...day, route: "chat" },
      { ...day, route: "*" },
      { ...day, key: "*", route: "chat" },
    ];
    expect(scopes(budgets, one, "chat")).toEqual(["day::chat", `day:${one}:chat`]);
    expect(scopes(budgets, one, "search")).toEqual([]);
    expect(scopes(budgets, one, "a/x")).toEqual(["day::*"]);
    expect(scopes(budgets, one, "*")).toEqual(["day::*"]);
  });

  it("stay the same scopes when the amount is changed, and turn to the cheapest from 80 % on", () => {
    expect(scopes([{ ...day, usd: 7 }], one, "chat")).toEqual(scopes([day], one, "chat"));
    expect(table([day])?.for(one, "chat")).toMatchObject([{ cheaperFrom: 0.8 }]);
    const own = [{ ...day, cheaperFrom: 0.5 }];
    expect(table(own)?.for(one, "chat")).toMatchObject([{ cheaperFrom: 0.5 }]);
  });
});

describe("all budgets of a config", () => {
  it("are listed with each key's", () => {
    const budgets = [day, { ...day, key: "*" }, { ...day, key: two, route: "chat" }];
    const listed = table(budgets)?.list([one, two]);
    expect(listed?.map(({ scope }) => scope)).toEqual([
      "day::",
      `day:${one}:`,
      `day:${two}:`,
      `day:${two}:chat`,
    ]);
  });
});

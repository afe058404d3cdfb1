import { exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { admin, chat, decisionOf, putConfig, upstream } from "./router.ts";

const first = upstream("hard-first");
const second = upstream("hard-second");

beforeAll(() =>
  putConfig({
    providers: {
      "hard-first": { kind: "openai-compatible", baseUrl: first.baseUrl },
      "hard-second": { kind: "openai-compatible", baseUrl: second.baseUrl },
      // Nobody is there; what these tests look at happens before a call is made.
      "hard-local": { kind: "ollama", baseUrl: "http://127.0.0.1:9" },
    },
    routes: {
      hard: ["hard-first/a", "hard-second/b"],
      local: ["hard-local/llama3.2", "hard-second/b"],
    },
  }),
);

beforeEach(async () => {
  await first.script({ do: "answer", text: "from the first" });
  await second.script({ do: "answer", text: "from the second" });
});

describe("an error inside a success", () => {
  it.each([
    ["bad_request", { message: "temperature must be at most 2", type: "invalid_request_error" }],
    ["content_filter", { message: "blocked by policy", code: "content_filter" }],
  ])("that is the caller's own fault (%s) is an error for the app too", async (_name, error) => {
    await first.script({ do: "error-in-200", body: { error } });
    const response = await chat({ model: "hard" });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: error.message } });
    expect(response.headers.get("x-lifeboat-failover")).toBeNull();
  });
});

describe("names", () => {
  it("of models may hold any character, and headers still carry them", async () => {
    const response = await chat({ model: "hard-first/llama🦙\ud800" });
    expect(response.status).toBe(200);
    const candidate = response.headers.get("x-lifeboat-candidate");
    expect(candidate).toMatch(/^hard-first\/llama%F0%9F%A6%99/);
    await response.text();
  });

  it.each([
    ["a name of 300 characters", { model: `hard-first/${"m".repeat(300)}` }, "model"],
    ["a chain of 33", { model: "hard", models: Array(33).fill("hard-first/a") }, "models"],
  ])("%s is refused", async (_name, body, param) => {
    const response = await chat(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
    expect(await first.calls()).toEqual([]);
  });
});

describe("a deadline that the app has shortened", () => {
  it("ends its own request, and opens no circuit for others", async () => {
    await first.script({ do: "silent" });
    for (let round = 0; round < 4; round += 1) {
      const response = await chat(
        { model: "hard" },
        { headers: { "x-lifeboat-timeout-ms": "20" } },
      );
      expect(response.status).toBe(504);
      await response.text();
    }
    await first.script({ do: "answer" });
    const response = await chat({ model: "hard" });
    expect(response.headers.get("x-lifeboat-candidate")).toBe("hard-first/a");
    await response.text();
  });
});

describe("a refused request", () => {
  it("names its decision, which tells what was asked for", async () => {
    const response = await chat({ model: "nowhere", stream: true });
    expect(response.status).toBe(404);
    await response.text();
    expect(await decisionOf(response)).toMatchObject({
      outcome: "rejected",
      status: 404,
      model: "nowhere",
      stream: true,
    });
  });
});

describe("tool calls of earlier turns", () => {
  const turn = (call: object) => ({
    model: "local",
    messages: [
      { role: "user", content: "hi" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "1" },
    ],
  });

  it.each([
    ["without an id", {}, "messages[1].tool_calls[0].id"],
    [
      "without arguments",
      { id: "call_1", type: "function", function: { name: "f" } },
      "messages[1].tool_calls[0].function.arguments",
    ],
  ])("%s are refused by the field's name", async (_name, call, param) => {
    const response = await chat(turn(call));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param } });
  });

  it("of custom tools go to a candidate that can take them", async () => {
    const call = { id: "call_1", type: "custom", custom: { name: "sql", input: "select 1" } };
    const response = await chat(turn(call));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-lifeboat-candidate")).toBe("hard-second/b");
    expect(response.headers.get("x-lifeboat-failover")).toBe("unsupported");
    await response.text();
  });
});

describe("what an app may ask for", () => {
  it("in `models`: a chain of its own, in its order", async () => {
    await first.script({ do: "error", status: 500, body: "no" });
    const response = await chat({ model: "hard", models: ["hard-first/x", "hard-second/y"] });
    expect(response.headers.get("x-lifeboat-candidate")).toBe("hard-second/y");
    await response.text();
    const [call] = await second.calls();
    expect(call?.body).toMatchObject({ model: "y" });
    expect(call?.body).not.toHaveProperty("models");
  });

  it("in `fallbacks`: what comes behind the model", async () => {
    await first.script({ do: "error", status: 500, body: "no" });
    const response = await chat({ model: "hard-first/z", fallbacks: ["hard-second/y"] });
    expect(response.headers.get("x-lifeboat-candidate")).toBe("hard-second/y");
    await response.text();
  });

  it("in x-lifeboat-no-fallback: the first candidate or nothing", async () => {
    await first.script({ do: "error", status: 529, body: "full" });
    const response = await chat(
      { model: "hard" },
      { headers: { "x-lifeboat-no-fallback": "true" } },
    );
    expect(response.status).toBe(503);
    await response.text();
    expect(await second.calls()).toEqual([]);
    expect((await decisionOf(response)).skipped).toMatchObject([{ reason: "no_fallback" }]);
    const unclear = await chat(
      { model: "hard" },
      { headers: { "x-lifeboat-no-fallback": "maybe" } },
    );
    expect(unclear.status).toBe(400);
    expect(await unclear.json()).toMatchObject({ error: { param: "x-lifeboat-no-fallback" } });
  });

  it("in x-lifeboat-metadata: strings that are kept on the decision", async () => {
    const headers = { "x-lifeboat-metadata": JSON.stringify({ team: "search" }) };
    const response = await chat({ model: "hard" }, { headers });
    await response.text();
    expect(await decisionOf(response)).toMatchObject({ metadata: { team: "search" } });
    const wrong = await chat({ model: "hard" }, { headers: { "x-lifeboat-metadata": "[1]" } });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ error: { param: "x-lifeboat-metadata" } });
  });
});

describe("a path that is known", () => {
  it("says which method it is for", async () => {
    const response = await exports.default.fetch("http://lifeboat/v1/chat/completions");
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
    expect(await response.json()).toMatchObject({ error: { code: "method_not_allowed" } });
  });
});

describe("secrets in a config", () => {
  it.each([
    ["a header's value", { headers: { "CF-Access-Client-Secret": "hunter2" } }, /headers/],
    ["a password in the address", { baseUrl: "https://u:hunter2@example.com/v1" }, /baseUrl/],
    ["a key in the query", { baseUrl: "https://example.com/v1?api_key=hunter2" }, /baseUrl/],
  ])("are refused as %s, and not repeated", async (_name, wrong, path) => {
    const provider = { kind: "openai-compatible", baseUrl: first.baseUrl, ...wrong };
    const body = JSON.stringify({ providers: { p: provider }, routes: { r: ["p/m"] } });
    const response = await admin("/config", { method: "PUT", body });
    expect(response.status).toBe(422);
    const text = await response.text();
    expect(text).toMatch(path);
    expect(text).not.toContain("hunter2");
  });
});

describe("a host that cannot be reached", () => {
  it("stops every model of its account, not just the one that was asked", async () => {
    await putConfig({
      providers: {
        gone: { kind: "openai-compatible", baseUrl: "http://127.0.0.1:9/v1" },
        "hard-second": { kind: "openai-compatible", baseUrl: second.baseUrl },
      },
      routes: { one: ["gone/a", "hard-second/b"], other: ["gone/z", "hard-second/b"] },
    });
    for (let round = 0; round < 3; round += 1) await (await chat({ model: "one" })).text();
    const response = await chat({ model: "other" });
    expect(response.headers.get("x-lifeboat-attempts")).toBe("1");
    expect(response.headers.get("x-lifeboat-failover")).toBe("circuit_open");
    await response.text();
  });
});

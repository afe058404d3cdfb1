import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryReadmeLine, type Shown } from "../../scripts/readme-line.ts";
import { appKey, repository, startRouter, type RunningRouter } from "./start-router.ts";

let router: RunningRouter;

beforeAll(async () => {
  router = await startRouter();
});

afterAll(() => router?.stop());

function tryIt(): Shown {
  const readme = readFileSync(join(repository, "README.md"), "utf8");
  return tryReadmeLine(readme, { url: router.url, key: appKey });
}

describe("a machine with no key", () => {
  it("is told what there is", () => {
    const said = router.output();
    expect(said).toContain("Lifeboat is ready.");
    expect(said).toContain(`${router.url}/v1\n`);
    expect(said).toContain(appKey);
    expect(said).toMatch(/^ +openai: no OPENAI_API_KEY$/m);
    expect(said).toMatch(/^ +ollama: (nothing answers at http:\/\/localhost:11434|ready)$/m);
    expect(said).toMatch(/^ +simulator: ready$/m);
    expect(said).toMatch(/curl .*gpt-4o-mini/);
  });

  it("is served by the README's line, though the first account has no credit", async () => {
    const { status, headers, body } = tryIt();
    expect(status).toBe(200);
    expect(headers.get("x-lifeboat-failover")).toBe("quota_exhausted");
    expect(headers.get("x-lifeboat-attempts")).toBe("2");
    const answer: unknown = JSON.parse(body);
    expect(answer).toMatchObject({ choices: [{ finish_reason: "stop" }] });
    const decision = await router.decision(headers.get("x-lifeboat-decision"));
    expect(decision.candidate).toBe(headers.get("x-lifeboat-candidate"));
    expect(decision.attempts).toMatchObject([
      {
        candidate: "simulated-openai/gpt-4o-mini",
        outcome: "quota_exhausted",
        status: 429,
        type: "insufficient_quota",
        code: "insufficient_quota",
        circuitAfter: "open",
      },
      { outcome: "ok" },
    ]);
  });

  it("makes no second call to the exhausted account", async () => {
    const { status, headers } = tryIt();
    expect(status).toBe(200);
    expect(headers.get("x-lifeboat-attempts")).toBe("1");
    expect(headers.get("x-lifeboat-failover")).toBe("circuit_open");
    const decision = await router.decision(headers.get("x-lifeboat-decision"));
    const skips = decision.skipped.filter(({ reason }) => reason !== "not_configured");
    expect(skips).toMatchObject([
      { candidate: "simulated-openai/gpt-4o-mini", reason: "circuit_open" },
      ...skips.slice(1),
    ]);
    expect(decision.attempts.map(({ candidate }) => candidate)).toEqual([
      headers.get("x-lifeboat-candidate"),
    ]);
  });

  it("reads the exhausted account's own words, when it asks for nobody else", async () => {
    const messages = [{ role: "user", content: "hi" }];
    const response = await router.post({ model: "simulated-openai/gpt-4o-mini", messages });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await response.json()).toMatchObject({
      error: { type: "insufficient_quota", code: "insufficient_quota" },
    });
  });
});

it("with one provider's key the simulated accounts are gone", async () => {
  const keyed = await startRouter({ OPENAI_API_KEY: "sk-not-a-real-one" });
  try {
    expect(keyed.output()).toMatch(/^ +openai: ready$/m);
    expect(keyed.output()).not.toContain("simulat");
    const headers = { authorization: `Bearer ${appKey}` };
    const models = await (await fetch(`${keyed.url}/v1/models`, { headers })).text();
    expect(models).toContain("openai/gpt-4o-mini");
    expect(models).not.toContain("simulat");
  } finally {
    await keyed.stop();
  }
});

describe("what the router refuses", () => {
  const messages = [{ role: "user", content: "hi" }];

  it.each([
    ["no JSON", "{", "invalid_json", null],
    ["no object", "[]", "invalid_type", null],
    ["no model", { messages }, "missing_required_parameter", "model"],
    ["no messages", { model: "m" }, "missing_required_parameter", "messages"],
    ["no message", { model: "m", messages: [] }, "invalid_value", "messages"],
    ["a model that is a number", { model: 1, messages }, "invalid_value", "model"],
    ["a message that is none", { model: "m", messages: ["hi"] }, "invalid_value", "messages[0]"],
    [
      "a word for a number",
      { model: "m", messages, temperature: "1" },
      "invalid_value",
      "temperature",
    ],
    ["a word for a switch", { model: "m", messages, stream: "yes" }, "invalid_value", "stream"],
  ])("%s is a 400 that names the field", async (_name, body, code, param) => {
    const response = await router.post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", code, param },
    });
  });

  it("a body over 20 MB is a 413", async () => {
    const response = await router.post({ model: "m", messages, pad: "x".repeat(21e6) });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  });

  it("a wrong key and no key are a 401, on every path of the app's side", async () => {
    const stranger = { headers: { authorization: "Bearer nobody" } };
    expect((await router.post({ model: "m", messages }, stranger)).status).toBe(401);
    expect((await fetch(`${router.url}/v1/models`, stranger)).status).toBe(401);
    expect((await fetch(`${router.url}/v1/models`)).status).toBe(401);
  });

  it("a path that is none is a 404", async () => {
    expect((await fetch(`${router.url}/v1/nothing`)).status).toBe(404);
  });
});

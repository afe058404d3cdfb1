import { once } from "node:events";
import { request, type ClientRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startUpstreams } from "../loopback/openai-server.ts";
import { openAiQuota, rateLimited, Upstream } from "../loopback/upstream.ts";
import { startBundle, type RunningBundle } from "./start-bundle.ts";
import { appKey, eventually, pause } from "./start-router.ts";

let bundle: RunningBundle;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
let first: Upstream;
let second: Upstream;

beforeAll(async () => {
  upstreams = await startUpstreams();
  first = new Upstream(upstreams.url, "first");
  second = new Upstream(upstreams.url, "second");
  const names = ["leaving", "limited"];
  const named = (role: string, { baseUrl }: Upstream) =>
    names.map((name) => [`${role}-${name}`, { kind: "openai-compatible", baseUrl }]);
  const routes = names.map((name) => [
    name,
    { candidates: [`first-${name}/a`, `second-${name}/b`], onLimit: "failover" },
  ]);
  bundle = await startBundle({
    providers: Object.fromEntries([...named("first", first), ...named("second", second)]),
    routes: Object.fromEntries(routes),
  });
});

afterAll(async () => {
  await bundle?.stop();
  await upstreams?.close();
});

const messages = [{ role: "user", content: "hi" }];

function ask(model: string, { url } = bundle): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${appKey}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages }),
  });
}

/** Asks over a connection of its own, which can be reset: a mere close workerd sees when it writes. */
function askAndLeave(stream: boolean): ClientRequest {
  const headers = { authorization: `Bearer ${appKey}`, "content-type": "application/json" };
  const asked = request(`${bundle.url}/v1/chat/completions`, {
    method: "POST",
    headers,
    agent: false,
  });
  asked.on("error", () => {});
  asked.on("response", (response) => response.on("error", () => {}));
  asked.end(JSON.stringify({ model: "leaving", stream, messages }));
  return asked;
}

describe("a caller that leaves takes the upstream call with it", () => {
  async function abortedAt(): Promise<number> {
    return eventually(async () => (await first.calls())[0]?.abortedAt ?? undefined);
  }

  it("in the middle of a stream", async () => {
    await first.script({ do: "stall", after: 2, ms: 30_000 });
    const asked = askAndLeave(true);
    const [response] = await once(asked, "response");
    await once(response, "data");
    await pause(200);
    const leftAt = Date.now();
    asked.socket?.resetAndDestroy();
    expect((await abortedAt()) - leftAt).toBeLessThan(1_000);
  });

  it.each([
    ["a stream", true],
    ["an answer in one piece", false],
  ])("before the first byte of %s, and nobody else is asked", async (_name, stream) => {
    await first.script({ do: "silent" });
    await second.script({ do: "answer" });
    const asked = askAndLeave(stream);
    await eventually(async () => ((await first.calls()).length > 0 ? true : undefined));
    const leftAt = Date.now();
    asked.socket?.resetAndDestroy();
    expect((await abortedAt()) - leftAt).toBeLessThan(1_000);
    await pause(200);
    expect(await second.calls()).toEqual([]);
  });
});

describe("a circuit, with a request of its own for each step", () => {
  it("opens, keeps away, is probed when its time has come, and closes again", async () => {
    await first.script(rateLimited(1));
    await second.script({ do: "answer" });
    expect((await ask("limited")).headers.get("x-lifeboat-attempts")).toBe("2");
    expect((await ask("limited")).headers.get("x-lifeboat-attempts")).toBe("1");
    expect(await first.calls()).toHaveLength(1);
    await first.script({ do: "answer" });
    const back = await eventually(async () => {
      const { headers } = await ask("limited");
      return headers.get("x-lifeboat-candidate") === "first-limited/a" ? headers : undefined;
    });
    expect(back.get("x-lifeboat-failover")).toBeNull();
    expect((await ask("limited")).headers.get("x-lifeboat-candidate")).toBe("first-limited/a");
  });
});

describe("without a database", () => {
  it("apps are served, and what could not be recorded is counted in the log", async () => {
    await first.script(openAiQuota);
    await second.script({ do: "answer" });
    const response = await ask("leaving");
    expect(response.status).toBe(200);
    expect(response.headers.get("x-lifeboat-decision")).toMatch(/^[0-9a-f-]{36}$/);
    const logged = await eventually(async () => /.*decisions_lost.*/.exec(bundle.output())?.[0]);
    expect(logged).toContain('"count":');
    expect(bundle.output()).not.toMatch(/^\s+at /m);
  });
});

describe("deployed with no provider's key", () => {
  it("serves nothing simulated: it says what to set", async () => {
    const bare = await startBundle(null);
    try {
      const response = await ask("openai/gpt-4o-mini", bare);
      expect(response.status).toBe(503);
      expect(await response.text()).toContain("OPENAI_API_KEY");
      const readiness = await (await fetch(`${bare.url}/readyz`)).text();
      expect(readiness).toContain('"reason":"no OPENAI_API_KEY"');
      expect(readiness).not.toContain("simulat");
    } finally {
      await bare.stop();
    }
  });
});

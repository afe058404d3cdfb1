import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHarness } from "wrangler";
import { startUpstreams } from "../loopback/openai-server.ts";
import { Upstream } from "../loopback/upstream.ts";
import { appKey, eventually, repository } from "./start-router.ts";

/* Two Workers of the same code, each an isolate, over one database and one Fleet object. */

const folder = mkdtempSync(join(tmpdir(), "lifeboat-"));
const otherKey = "another-app";
const names = ["isolate-a", "isolate-b"] as const;
type Name = (typeof names)[number];

const worker = (name: Name, fleetOf: Name) => ({
  config: {
    name,
    main: join(repository, "src/index.ts"),
    compatibility_date: "2026-10-01",
    compatibility_flags: ["enable_request_signal"],
    d1_databases: [
      {
        binding: "DB",
        database_name: "lifeboat",
        database_id: "shared",
        migrations_dir: join(repository, "migrations"),
      },
    ],
    durable_objects: {
      bindings: [
        { name: "FLEET", class_name: "Fleet", ...(name !== fleetOf && { script_name: fleetOf }) },
      ],
    },
    migrations: [{ tag: "v1", new_sqlite_classes: ["Fleet"] }],
    vars: {
      LIFEBOAT_KEYS: `${appKey},${otherKey}`,
      LIFEBOAT_ADMIN_TOKEN: "two-admin",
      LIFEBOAT_PRIVATE_ADDRESSES: "allow",
    },
  },
});

const harness = createTestHarness({
  root: folder,
  workers: names.map((name) => worker(name, names[0])),
});
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;

beforeAll(async () => {
  upstreams = await startUpstreams();
  await harness.listen();
  await harness.getWorker(names[0]).applyD1Migrations("DB");
});

afterAll(async () => {
  await harness.close();
  await upstreams?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function servedBy(name: Name): Promise<string | null> {
  const response = await harness.getWorker(name).fetch("http://lifeboat/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${appKey}` },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }] }),
  });
  await response.text();
  return response.headers.get("x-lifeboat-candidate");
}

async function putConfig(name: Name, provider: string, { baseUrl }: Upstream): Promise<void> {
  const config = {
    providers: { [provider]: { kind: "openai-compatible", baseUrl } },
    routes: { chat: [`${provider}/m`] },
  };
  const response = await harness.getWorker(name).fetch("http://lifeboat/admin/config", {
    method: "PUT",
    headers: { authorization: "Bearer two-admin" },
    body: JSON.stringify(config),
  });
  expect(response.status).toBe(200);
  await response.text();
}

it("a config that one isolate is given is served by every other within 3 s", async () => {
  const up = new Upstream(upstreams.url, "two");
  await up.script({ do: "answer" });
  await putConfig("isolate-a", "one", up);
  expect(await servedBy("isolate-a")).toBe("one/m");
  expect(await servedBy("isolate-b")).toBe("one/m");
  await putConfig("isolate-a", "two", up);
  expect(await servedBy("isolate-a")).toBe("two/m");
  const caughtUp = eventually(
    async () => ((await servedBy("isolate-b")) === "two/m" ? true : undefined),
    3_000,
  );
  expect(await caughtUp).toBe(true);
});

describe("a revoked key", () => {
  const models = (name: Name, key: string) =>
    harness.getWorker(name).fetch("http://lifeboat/v1/models", {
      headers: { authorization: `Bearer ${key}` },
    });
  const keys = async (name: Name, path = "", method = "GET") => {
    const response = await harness.getWorker(name).fetch(`http://lifeboat/admin/keys${path}`, {
      method,
      headers: { authorization: "Bearer two-admin" },
    });
    return { status: response.status, text: await response.text() };
  };
  const status = async (name: Name, key: string): Promise<number> => {
    const response = await models(name, key);
    await response.text();
    return response.status;
  };
  const named = `key-${createHash("sha256").update(otherKey).digest("hex").slice(0, 8)}`;

  it("is refused by every isolate within 3 s, in the caller's dialect, and others are not", async () => {
    expect([await status("isolate-a", otherKey), await status("isolate-b", otherKey)]).toEqual([
      200, 200,
    ]);
    expect((await keys("isolate-a", "/key-nobody", "DELETE")).status).toBe(404);
    expect((await keys("isolate-a", `/${named}`, "DELETE")).status).toBe(200);
    expect(await status("isolate-a", otherKey)).toBe(401);
    const refused = eventually(async () => {
      const answer = await models("isolate-b", otherKey);
      const body = await answer.text();
      return answer.status === 401 ? body : undefined;
    }, 3_000);
    expect(JSON.parse(await refused)).toMatchObject({
      error: { code: "invalid_api_key", type: "authentication_error" },
    });
    expect(await status("isolate-b", appKey)).toBe(200);
    const listed = await keys("isolate-b");
    expect(JSON.parse(listed.text).keys).toContainEqual({ name: named, revoked: true });
    expect(listed.text).not.toContain(otherKey);
  });

  it("is let in again by all of them when it is restored", async () => {
    expect((await keys("isolate-b", `/${named}/restore`, "POST")).status).toBe(200);
    const back = eventually(
      async () => ((await status("isolate-a", otherKey)) === 200 ? true : undefined),
      3_000,
    );
    expect(await back).toBe(true);
    expect(await status("isolate-b", otherKey)).toBe(200);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startOutside, type Outside } from "./outside.ts";
import { eventually, startRouter } from "./start-router.ts";

let outside: Outside;

beforeAll(async () => {
  outside = await startOutside();
});

afterAll(() => outside?.close());

const ask = { model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] };

describe("the admin API", () => {
  it("lets nobody in without its token, and no app with its key", async () => {
    const { url } = outside.router;
    for (const path of ["/admin/config", "/admin/decisions", "/admin/circuits"]) {
      expect((await fetch(`${url}${path}`)).status).toBe(401);
      const headers = { authorization: "Bearer outside-key" };
      expect((await fetch(`${url}${path}`, { headers })).status).toBe(401);
    }
  });

  it("keeps the config when a bad one comes, and says where it is wrong", async () => {
    const { candidate } = await outside.freshRoute();
    const before = await (await outside.router.admin("/config")).json<{ version: number }>();
    const bad = { providers: { a: { kind: "openai" } }, routes: { chat: ["b/x"] } };
    const put = { method: "PUT", body: JSON.stringify(bad) };
    const response = await outside.router.admin("/config", put);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      error: {
        param: "routes.chat[0]",
        code: "invalid_config",
        message: expect.stringMatching(/b/),
      },
    });
    expect(await (await outside.router.admin("/config")).json()).toEqual(before);
    const served = await outside.router.post(ask);
    expect(served.headers.get("x-lifeboat-candidate")).toBe(candidate);
  });

  it("puts a new config in force within 3 s, and an older one back", async () => {
    const first = await outside.freshRoute();
    const { version } = await (await outside.router.admin("/config")).json<{ version: number }>();
    const second = await outside.freshRoute();
    const servedBy = (candidate: string) =>
      eventually(async () => {
        const response = await outside.router.post(ask);
        await response.body?.cancel();
        return response.headers.get("x-lifeboat-candidate") === candidate ? true : undefined;
      }, 3_000);
    expect(await servedBy(second.candidate)).toBe(true);
    await outside.router.admin(`/config/rollback/${version}`, { method: "POST" });
    expect(await servedBy(first.candidate)).toBe(true);
    const kept = await (await outside.router.admin(`/config/versions/${version}`)).json();
    expect(kept).toMatchObject({ version, config: { routes: expect.anything() } });
    await outside.router.admin("/config/rollback/0", { method: "POST" });
    expect(await servedBy("simulator/gpt-4o-mini")).toBe(true);
  });

  it("shows no provider's key anywhere", async () => {
    await outside.freshRoute();
    for (const path of ["/config", "/providers", "/circuits", "/config/versions", "/decisions"]) {
      const response = await outside.router.admin(path);
      expect(response.status).toBe(200);
      expect(await response.text()).not.toContain("sk-very-secret-upstream");
    }
  });
});

it("without an admin token there is no admin API, and apps are served", async () => {
  const router = await startRouter({});
  try {
    expect((await router.admin("/config")).status).toBe(404);
    expect((await router.admin("/decisions")).status).toBe(404);
    expect((await router.post(ask)).status).toBe(200);
  } finally {
    await router.stop();
  }
});

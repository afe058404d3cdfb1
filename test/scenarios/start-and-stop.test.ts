import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processesBelow, stillRunning } from "../../scripts/processes.ts";
import { repository, startRouter } from "./start-router.ts";

describe("npm start", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("ends with all that it started on %s", async (signal) => {
    const router = await startRouter();
    const started = processesBelow(router.pid);
    expect(started.length).toBeGreaterThan(2);
    expect(await router.stop(signal)).toBe(0);
    expect(stillRunning([router.pid, ...started])).toEqual([]);
  });

  it("says so when its port is taken, and leaves the other alone", async () => {
    const server = createServer((_request, response) => response.end());
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const { status, stderr } = runStart(["--port", port]);
    server.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`Port ${port} is in use.`);
  });

  it("passes on what wrangler says when wrangler ends", () => {
    const home = mkdtempSync(join(tmpdir(), "lifeboat-"));
    const file = join(home, "env");
    writeFileSync(file, "");
    const { status, stderr } = runStart([
      "--persist-to",
      home,
      "--env-file",
      file,
      "--no-such-flag",
    ]);
    rmSync(home, { recursive: true, force: true });
    expect(status).toBe(1);
    expect(stderr).toContain("Unknown argument");
    expect(stderr).toContain("wrangler dev ended with code 1.");
  });
});

function runStart(args: readonly string[]): { status: number | null; stderr: string } {
  const script = join(repository, "scripts/start.ts");
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

it("the Worker can be deployed as it is", () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-"));
  const wrangler = join(repository, "node_modules/wrangler/bin/wrangler.js");
  const output = execFileSync(
    process.execPath,
    [wrangler, "deploy", "--dry-run", "--outdir", folder],
    { cwd: repository, env: { ...process.env, WRANGLER_SEND_METRICS: "false" }, encoding: "utf8" },
  );
  expect(existsSync(join(folder, "index.js"))).toBe(true);
  rmSync(folder, { recursive: true, force: true });
  expect(output).toContain("env.DB");
  expect(output).toContain("env.FLEET");
  expect(output).toContain("--dry-run: exiting now.");
});

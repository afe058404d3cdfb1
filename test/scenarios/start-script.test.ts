import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { completeEntries } from "../../scripts/complete-lockfile.ts";
import { ensureDevVars } from "../../scripts/dev-vars.ts";
import { flagValue, givenVars } from "../../scripts/wrangler-args.ts";

describe("the local secrets", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lifeboat-"));
    path = join(folder, ".dev.vars");
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const text = (): string => readFileSync(path, "utf8");

  it("are made where there are none, for the owner's eyes only", () => {
    const vars = ensureDevVars(path);
    expect(vars.get("LIFEBOAT_KEYS")).toMatch(/^lb-[\w-]{43}$/);
    expect(vars.get("LIFEBOAT_ADMIN_TOKEN")).toMatch(/^lba-[\w-]{43}$/);
    expect(text()).toBe(
      `LIFEBOAT_KEYS="${vars.get("LIFEBOAT_KEYS")}"\nLIFEBOAT_ADMIN_TOKEN="${vars.get("LIFEBOAT_ADMIN_TOKEN")}"\n`,
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("stay as they are once they are there", () => {
    const first = ensureDevVars(path);
    const before = text();
    expect(ensureDevVars(path)).toEqual(first);
    expect(text()).toBe(before);
  });

  it("are added to what else the file holds", () => {
    const mine = "# mine\nOPENAI_API_KEY='sk-1' # paid\n\nLIFEBOAT_KEYS=a,b";
    writeFileSync(path, `${mine}\nLIFEBOAT_ADMIN_TOKEN=\n\n`, { mode: 0o644 });
    const vars = ensureDevVars(path);
    expect(vars.get("OPENAI_API_KEY")).toBe("sk-1");
    expect(vars.get("LIFEBOAT_KEYS")).toBe("a,b");
    expect(text()).toBe(`${mine}\nLIFEBOAT_ADMIN_TOKEN="${vars.get("LIFEBOAT_ADMIN_TOKEN")}"\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe("wrangler's flags", () => {
  it("are read in each of their forms", () => {
    expect(flagValue(["--port", "9000"], "--port")).toBe("9000");
    expect(flagValue(["--port=9000", "--ip", "::1"], "--port")).toBe("9000");
    expect(flagValue(["--port", "1", "--port", "2"], "--port")).toBe("2");
    expect(flagValue(["--inspector-port", "1"], "--port")).toBeUndefined();
  });

  it("give variables, several behind one flag too, with colons in their values", () => {
    const args = ["--var", "A:1", "B:http://x:80", "--local", "C:3", "--var=D:4", "--var", "E"];
    expect([...givenVars(args)]).toEqual([
      ["A", "1"],
      ["B", "http://x:80"],
      ["D", "4"],
    ]);
  });
});

describe("the lockfile", () => {
  const workerd = {
    version: "1.0.0",
    dev: true,
    optionalDependencies: {
      "@cloudflare/workerd-darwin-arm64": "1.0.0",
      "@cloudflare/workerd-linux-64": "1.0.0",
      "@cloudflare/workerd-windows-64": "1.0.0",
    },
  };
  const linux = { version: "1.0.0", integrity: "sha512-x", os: ["linux"], cpu: ["x64"] };

  it("gets the platforms' packages that npm left out, and is complete then", () => {
    const packages = {
      "": { version: "0.1.0" },
      "node_modules/@cloudflare/workerd-linux-64": linux,
      "node_modules/workerd": workerd,
    };
    const complete = completeEntries(packages);
    const flags = { version: "1.0.0", dev: true, optional: true };
    expect(complete).toEqual({
      ...packages,
      "node_modules/@cloudflare/workerd-darwin-arm64": { ...flags, cpu: ["arm64"], os: ["darwin"] },
      "node_modules/@cloudflare/workerd-windows-64": { ...flags, cpu: ["x64"], os: ["win32"] },
    });
    expect(completeEntries(complete)).toEqual(complete);
  });

  it("keeps two versions of one package apart, beside those that ask for them", () => {
    const wants = (version: string) => ({
      version,
      optionalDependencies: { "b-linux-x64-musl": version },
    });
    const complete = completeEntries({
      "node_modules/a": wants("1.0.0"),
      "node_modules/kit/node_modules/a": wants("2.0.0"),
    });
    const entry = { cpu: ["x64"], libc: ["musl"], os: ["linux"], optional: true };
    expect(complete["node_modules/b-linux-x64-musl"]).toEqual({ version: "1.0.0", ...entry });
    expect(complete["node_modules/kit/node_modules/b-linux-x64-musl"]).toEqual({
      version: "2.0.0",
      ...entry,
    });
  });
});

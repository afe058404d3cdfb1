import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../scenarios/start-router.ts";
import type { Bundle } from "./workerd.ts";

const configFile = "lifeboat.config.ts";
const parts = ["src", "providers", "wrangler.toml", "package.json", "tsconfig.json"];

/** Lifeboat as a deploy bundles it, around a config of the benchmark's own. */
export function bundleLifeboat(folder: string, config: object): Bundle {
  for (const part of parts) {
    cpSync(join(repository, part), join(folder, part), { recursive: true });
  }
  return withConfig(folder, config);
}

/** The same out of an older commit, with the dependencies of today. */
export function bundleCommit(folder: string, commit: string, config: object): Bundle {
  mkdirSync(folder, { recursive: true });
  const archive = execFileSync("git", ["archive", commit, ...parts], {
    cwd: repository,
    maxBuffer: 64 * 1024 * 1024,
  });
  execFileSync("tar", ["-x", "-C", folder], { input: archive });
  return withConfig(folder, config);
}

function withConfig(folder: string, config: object): Bundle {
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, configFile), `export default ${JSON.stringify(config)};\n`);
  return deployed(folder, []);
}

/** Any other Worker, bundled by the same command. */
export function bundleWorker(home: string, name: string): Bundle {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(repository, "test/bench/workers", `${name}.ts`), join(folder, "index.ts"));
  return deployed(folder, ["index.ts", "--name", name, "--compatibility-date", "2026-10-01"]);
}

/** What `wrangler deploy` would send, in `dist` of the folder. */
export function deployed(folder: string, flags: readonly string[]): Bundle {
  const wrangler = join(repository, "node_modules/wrangler/bin/wrangler.js");
  const args = [wrangler, "deploy", ...flags, "--dry-run", "--outdir", "dist"];
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false" };
  execFileSync(process.execPath, args, { cwd: folder, env, stdio: "pipe" });
  return { folder: join(folder, "dist"), main: "index.js" };
}

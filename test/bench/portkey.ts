import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployed } from "./bundles.ts";
import type { Bundle } from "./workerd.ts";

export const portkeyVersion = "1.15.2";

export interface InstalledPortkey {
  /** Its server for Node, as published. */
  readonly server: string;
  bundle(): Bundle;
}

/** Installs Portkey's gateway below `home`; it is no dependency of Lifeboat's. Throws where npm cannot. */
export function installPortkey(home: string): InstalledPortkey {
  const folder = join(home, "portkey");
  mkdirSync(folder, { recursive: true });
  // Newer versions of its server for Node fail its streams: "TypeError: immutable".
  const manifest = { private: true, type: "module", overrides: { "@hono/node-server": "1.13.8" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const install = ["install", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", [...install, `@portkey-ai/gateway@${portkeyVersion}`], {
    cwd: folder,
    stdio: "pipe",
    timeout: 120_000,
  });
  const server = join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js");
  return {
    server,
    bundle: () => {
      writeFileSync(join(folder, "index.js"), asWorker(readFileSync(server, "utf8")));
      const date = ["--compatibility-date", "2026-10-01"];
      return deployed(folder, ["index.js", "--name", "portkey", "--minify", ...date]);
    },
  };
}

/**
 * The published package holds the build for Node only: Portkey's app, followed by the lines that
 * serve it on Node. The Worker is that app without those lines, exported as its own Worker does.
 */
function asWorker(server: string): string {
  const app = /(\w+)\.post\("\/v1\/proxy\/\*"/.exec(server)?.[1];
  const start = /const \w+=process\.argv\.slice\(2\)/.exec(server);
  if (app === undefined || start === null) {
    throw new Error(`Portkey ${portkeyVersion} is not built as expected`);
  }
  return `${server.slice(0, start.index)}\nexport default ${app};\n`;
}

import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";

export interface LocalSecrets {
  /** The first app key. */
  readonly appKey: string;
  readonly adminToken: string;
}

const secret = (prefix: string): string => prefix + randomBytes(32).toString("base64url");

/**
 * Makes the app key and the admin token in `.dev.vars` where they are missing; every other line
 * stays as it is. Values given on the command line count before the file's.
 */
export function ensureDevVars(path: string, given: ReadonlyMap<string, string>): LocalSecrets {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const known = parseVars(text);
  const wanted: readonly (readonly [string, string])[] = [
    ["LIFEBOAT_KEYS", "lb-"],
    ["LIFEBOAT_ADMIN_TOKEN", "lba-"],
  ];
  const missing = wanted.filter(([name]) => (known.get(name) ?? "") === "");
  const made = missing.map(([name, prefix]) => [name, secret(prefix)] as const);
  if (made.length > 0) {
    const empty = new Set(made.map(([name]) => name));
    const kept = text.split("\n").filter((line) => !empty.has(nameOf(line) ?? ""));
    const lines = [...kept.filter((line, at) => line !== "" || at < kept.length - 1)];
    lines.push(...made.map(([name, value]) => `${name}="${value}"`));
    writeFileSync(path, `${lines.join("\n").replace(/^\n+/, "")}\n`, { mode: 0o600 });
    chmodSync(path, 0o600);
  }
  const all = new Map([...known, ...made, ...given]);
  return {
    appKey: (all.get("LIFEBOAT_KEYS") ?? "").split(",")[0]?.trim() ?? "",
    adminToken: all.get("LIFEBOAT_ADMIN_TOKEN") ?? "",
  };
}

function nameOf(line: string): string | undefined {
  return /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1];
}

/** The variables of a dotenv file, as far as the start script needs them: one a line, quoted or not. */
export function parseVars(text: string): Map<string, string> {
  const entries = text.split("\n").flatMap((line) => {
    const name = nameOf(line);
    if (name === undefined) return [];
    const value = line.slice(line.indexOf("=") + 1).trim();
    return [[name, value.replace(/^(["'])(.*)\1$/, "$2")] as const];
  });
  return new Map(entries);
}

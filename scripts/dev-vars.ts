import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";

const wanted = [
  { name: "LIFEBOAT_KEYS", prefix: "lb-" },
  { name: "LIFEBOAT_ADMIN_TOKEN", prefix: "lba-" },
] as const;

/**
 * Makes the app key and the admin token in a dotenv file where they are missing, and gives all of
 * the file's variables. Every other line stays as it is; only the owner can read the file.
 */
export function ensureDevVars(path: string): ReadonlyMap<string, string> {
  const text = readVarsText(path);
  const known = parseVars(text);
  const made = wanted
    .filter(({ name }) => (known.get(name) ?? "") === "")
    .map(({ name, prefix }) => [name, prefix + randomBytes(32).toString("base64url")] as const);
  if (made.length === 0) return known;
  const replaced: ReadonlySet<string> = new Set(made.map(([name]) => name));
  const kept = text.split("\n").filter((line) => !replaced.has(nameOf(line)));
  while (kept.at(-1)?.trim() === "") kept.pop();
  const lines = [...kept, ...made.map(([name, value]) => `${name}="${value}"`)];
  try {
    writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
    // An older file may have been readable to everybody.
    chmodSync(path, 0o600);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.error(`The keys for local use cannot be kept in ${path}: ${reason}`);
    process.exit(1);
  }
  return new Map([...known, ...made]);
}

/** The variables of several dotenv files, of which a later one counts before an earlier one. */
export function readVars(paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map(paths.flatMap((path) => [...parseVars(readVarsText(path))]));
}

function readVarsText(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function parseVars(text: string): ReadonlyMap<string, string> {
  const entries = Object.entries(parseEnv(text));
  return new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function nameOf(line: string): string {
  return /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1] ?? "";
}

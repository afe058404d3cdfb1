/**
 * Adds to package-lock.json the optional packages that npm leaves out where its registry does not
 * have them (a platform's binaries, mostly): without their entries `npm ci` refuses everywhere.
 */
import { readFileSync, writeFileSync } from "node:fs";

interface Entry {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

interface Lockfile {
  readonly packages: Record<string, Entry>;
  readonly [field: string]: unknown;
}

const systems = ["darwin", "linux", "win32", "freebsd", "android", "openharmony"];
const aliases: Readonly<Record<string, string>> = { windows: "win32" };
const processors: Readonly<Record<string, string>> = {
  "64": "x64",
  x64: "x64",
  arm64: "arm64",
  arm: "arm",
  ia32: "ia32",
};

/** What a package's name says of the platform it is for, as `workerd-darwin-arm64` does. */
function platformOf(name: string): { os?: string[]; cpu?: string[]; libc?: string[] } {
  const words = name.split(/[-/]/).map((word) => aliases[word] ?? word);
  const os = words.filter((word) => systems.includes(word));
  const cpu = words.flatMap((word) => processors[word] ?? []);
  const libc = words.includes("musl") ? ["musl"] : words.includes("gnu") ? ["glibc"] : [];
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(libc.length > 0 && { libc }),
    ...(os.length > 0 && { os }),
  };
}

/** The lockfile's entries with those that are missing; the ones that are there stay as they are. */
export function completeEntries(packages: Readonly<Record<string, Entry>>): Record<string, Entry> {
  const missing = Object.entries(packages).flatMap(([path, entry]) =>
    Object.entries(entry.optionalDependencies ?? {}).flatMap(([name, version]) => {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`];
      // Only exact versions: a range can be resolved by a registry alone.
      if (places.some((place) => place in packages) || !/^\d/.test(version)) return [];
      const flags = { ...(entry.dev === true && { dev: true }), optional: true };
      return [[`node_modules/${name}`, { version, ...platformOf(name), ...flags }] as const];
    }),
  );
  const all = { ...packages, ...Object.fromEntries(missing) };
  return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
}

if (import.meta.main) {
  const path = new URL("../package-lock.json", import.meta.url);
  const lockfile: Lockfile = JSON.parse(readFileSync(path, "utf8"));
  const packages = completeEntries(lockfile.packages);
  const added = Object.keys(packages).length - Object.keys(lockfile.packages).length;
  writeFileSync(path, `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`);
  console.log(`package-lock.json: ${added} entries added`);
}

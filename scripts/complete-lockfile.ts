/**
 * Adds to package-lock.json the optional packages that npm leaves out where its registry does not
 * have them (a platform's binaries, mostly): without their entries `npm ci` refuses everywhere.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Entry = Readonly<Record<string, unknown>>;
type Entries = Readonly<Record<string, Entry>>;

/** The parts of a package's name that say which system it is for. */
const systems: Readonly<Record<string, string>> = {
  darwin: "darwin",
  linux: "linux",
  linuxmusl: "linux",
  win32: "win32",
  windows: "win32",
  freebsd: "freebsd",
  netbsd: "netbsd",
  openbsd: "openbsd",
  sunos: "sunos",
  aix: "aix",
  android: "android",
  openharmony: "openharmony",
};
const processors: Readonly<Record<string, string>> = {
  "64": "x64",
  x64: "x64",
  arm64: "arm64",
  arm: "arm",
  ia32: "ia32",
  loong64: "loong64",
  mips64el: "mips64el",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  wasm32: "wasm32",
};
const libraries: Readonly<Record<string, string>> = {
  gnu: "glibc",
  musl: "musl",
  linuxmusl: "musl",
};

/** What a package's name says of the platform it is for, as `workerd-darwin-arm64` does. */
function platformOf(name: string): Entry {
  const words = name.split(/[-/]/);
  const named = (table: Readonly<Record<string, string>>): string[] =>
    words.flatMap((word) => table[word] ?? []);
  const [cpu, libc, os] = [named(processors), named(libraries), named(systems)];
  return {
    ...(cpu.length > 0 && { cpu }),
    ...(libc.length > 0 && { libc }),
    ...(os.length > 0 && { os }),
  };
}

/** The lockfile's entries with those that are missing; the ones that are there stay as they are. */
export function completeEntries(packages: Entries): Entries {
  const all = new Map(Object.entries(packages));
  for (const [parent, entry] of Object.entries(packages)) {
    for (const [name, range] of Object.entries(objectIn(entry["optionalDependencies"]))) {
      const version = lowestOf(name, String(range));
      const found = placesFor(name, parent).find((place) => all.has(place));
      if (found !== undefined && fits(all.get(found), version, String(range))) continue;
      const flags = { ...(entry["dev"] === true && { dev: true }), optional: true };
      const place = freePlace(name, parent, all);
      all.set(place, { version, ...platformOf(name), ...flags });
    }
  }
  return Object.fromEntries([...all].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where Node looks for a package that `parent` asks for, the nearest place first. */
function placesFor(name: string, parent: string): readonly string[] {
  const above = [...parent.matchAll(/\/?node_modules\//g)].map(({ index }) =>
    parent.slice(0, index),
  );
  const folders = [...above, parent].map((path) => (path === "" ? "" : `${path}/`));
  return [...new Set(folders)].toReversed().map((folder) => `${folder}node_modules/${name}`);
}

/** Beside its parent, or below it where another version is beside it. */
function freePlace(name: string, parent: string, all: ReadonlyMap<string, Entry>): string {
  const [below = "", beside = below] = placesFor(name, parent);
  return all.has(beside) ? below : beside;
}

function fits(entry: Entry | undefined, version: string, range: string): boolean {
  return range !== version || entry?.["version"] === version;
}

/** The lowest version that a range allows, which is sure to exist. */
function lowestOf(name: string, range: string): string {
  const version = /^[~^]?(\d+\.\d+\.\d+[\w.+-]*)$/.exec(range)?.[1];
  if (version === undefined) throw new Error(`${name}: only a registry can resolve ${range}`);
  return version;
}

function objectIn(value: unknown): Entry {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEntries(value: unknown): value is Entries {
  return isObject(value) && Object.values(value).every(isObject);
}

if (import.meta.main) {
  const path = process.argv[2] ?? join(import.meta.dirname, "../package-lock.json");
  const lockfile: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isObject(lockfile) || !isEntries(lockfile["packages"])) throw new Error("not a lockfile");
  const packages = completeEntries(lockfile["packages"]);
  const added = Object.keys(packages).length - Object.keys(lockfile["packages"]).length;
  if (added > 0) writeFileSync(path, `${JSON.stringify({ ...lockfile, packages }, null, 2)}\n`);
  console.log(`package-lock.json: ${added} entries added`);
}

import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";

const repository = join(import.meta.dirname, "../..");

/** What each room may import, beside itself. The composition root (files right in src/) may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  circuit: ["contract"],
  plan: ["contract", "circuit"],
  relay: ["contract"],
  attempt: ["contract", "circuit", "plan", "relay"],
  surface: ["contract"],
  admission: ["contract"],
  fleet: ["contract", "circuit"],
  ledger: ["contract", "attempt"],
  simulator: ["contract"],
  // Config versions are rows of the same database; its schema is one file.
  config: ["contract", "ledger"],
  // The operators' edge shows what the other rooms hold.
  ops: ["contract", "circuit", "config", "ledger", "admission"],
};

/** Packages that a room may import; rooms that are not named use none. */
const packages: Readonly<Record<string, readonly string[]>> = {
  circuit: ["opossum", "node:events"],
  plan: ["tokenx"],
  relay: ["eventsource-parser", "tokenx"],
  attempt: ["tokenx"],
  surface: ["zod"],
  admission: ["node:crypto"],
  fleet: ["cloudflare:workers", "drizzle-orm"],
  ledger: ["drizzle-orm"],
  simulator: ["zod", "tokenx"],
  config: ["zod", "drizzle-orm"],
  ops: ["hono", "zod", "drizzle-orm"],
};

interface Source {
  readonly path: string;
  readonly room: string;
  readonly code: string;
  readonly imports: readonly string[];
}

function sourcesUnder(folder: string): readonly Source[] {
  return globSync(`${folder}/**/*.ts`, { cwd: repository }).map((path) => {
    const code = withoutComments(readFileSync(join(repository, path), "utf8"));
    const imports = [...code.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
      ([, target = ""]) =>
        target.startsWith(".")
          ? relative(repository, join(repository, dirname(path), target))
          : target,
    );
    const [, room = "", inner] = path.split("/");
    return { path, room: inner === undefined ? "" : room, code, imports };
  });
}

function withoutComments(code: string): string {
  return code
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\/\/.*$/gm, "")
    .replace(/\s\/\/ .*$/gm, "");
}

function roomOf(target: string): string {
  return target.split("/")[1] ?? "";
}

const sources = sourcesUnder("src");
const inRooms = sources.filter(({ room }) => room !== "");

/** `a imports b`, for every import that a rule forbids. */
function trespasses(
  of: readonly Source[],
  forbidden: (source: Source, target: string) => boolean,
): string[] {
  return of.flatMap((source) =>
    source.imports
      .filter((target) => forbidden(source, target))
      .map((target) => `${source.path} imports ${target}`),
  );
}

describe("the rooms", () => {
  it("are all named in the rules", () => {
    expect([...new Set(inRooms.map(({ room }) => room))].toSorted()).toEqual(
      Object.keys(mayImport).toSorted(),
    );
  });

  it("import only the rooms that stand before them on the way of a request", () => {
    const wrong = trespasses(inRooms, ({ room }, target) => {
      if (!target.startsWith("src/")) return false;
      return roomOf(target) !== room && !(mayImport[room] ?? []).includes(roomOf(target));
    });
    expect(wrong).toEqual([]);
  });

  it("import only the packages that they are there for", () => {
    const wrong = trespasses(inRooms, ({ room }, target) => {
      if (/^(?:src|providers)\//.test(target)) return false;
      return !(packages[room] ?? []).some(
        (name) => target === name || target.startsWith(`${name}/`),
      );
    });
    expect(wrong).toEqual([]);
  });

  it("know no provider; only the composition root imports the registry", () => {
    const wrong = trespasses(inRooms, (_source, target) => target.startsWith("providers/"));
    expect(wrong).toEqual([]);
  });
});

describe("the pure rooms", () => {
  it("have the clock, chance, the network and timers passed in", () => {
    const pure = inRooms.filter(
      ({ room, path }) =>
        ["plan", "attempt", "circuit", "relay"].includes(room) ||
        // Of the fleet only the object itself and what it stores are edges.
        (room === "fleet" && !/fleet-object|fleet-storage|config-shelf/.test(path)),
    );
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|(?<![.\w#])fetch\(|\bsetInterval\b|\bscheduler\b/;
    expect(pure.length).toBeGreaterThan(10);
    expect(pure.filter(({ code }) => forbidden.test(code)).map(({ path }) => path)).toEqual([]);
  });
});

describe("providers", () => {
  it("import the contract and what they share, and no other room", () => {
    const wrong = trespasses(
      sourcesUnder("providers"),
      (_source, target) => target.startsWith("src/") && roomOf(target) !== "contract",
    );
    expect(wrong).toEqual([]);
  });

  it("are named nowhere else", () => {
    const names = [...providerKinds.keys()].map((name) => name.replace("-", "[-_ ]?")).join("|");
    // The simulator plays an OpenAI account; `openai.chat` and the like are dialects, not providers.
    const own = sources.filter(({ room }) => room !== "simulator");
    const named = new RegExp(`["'\`/](?:${names})["'\`/]`, "i");
    const wrong = own.flatMap(({ path, code }) =>
      code
        .split("\n")
        .filter((line) => !line.startsWith("import ") && !/from "/.test(line) && named.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(wrong).toEqual([]);
  });
});

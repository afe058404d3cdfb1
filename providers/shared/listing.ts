import type { ProviderProbe, ToldModels } from "../../src/contract/provider.ts";
import type { ModelFacts } from "../../src/contract/route.ts";
import { isRecord, parseJson, type JsonRecord } from "./json-values.ts";
import { commonFacts } from "./listed-facts.ts";
import { readWhole } from "./read-capped.ts";

/** How a kind tells of its own models, as data. */
export interface ListingSpec {
  /** Where, by the account's base URL; null where that shows no way. `{baseUrl}/models` when it is not said. */
  readonly url?: (baseUrl: string) => string | null;
  /** Headers beside those of every call, the key among them, which then goes as no bearer. */
  readonly headers?: (apiKey: string | null) => Readonly<Record<string, string>>;
  /** Several entries in place of one, where it speaks of several things. */
  readonly split?: (entry: JsonRecord) => readonly JsonRecord[];
  /** The names that an entry is about; `id` and `aliases` when it is not said. */
  readonly names?: (entry: JsonRecord) => readonly unknown[];
  /** What an entry says; what is null or left out is unknown. The common words when it is not said. */
  readonly facts?: (entry: JsonRecord) => Partial<ModelFacts>;
  /** False where the upstream may be anybody: only an operator has it asked. */
  readonly unasked?: false;
}

/** The largest listing today has some 1 MB. */
const mostBytes = 4 * 1024 * 1024;

/** Asks for a listing; null where there is none that can be read. Never throws. */
export async function askListing(
  spec: ListingSpec,
  { url, headers }: { url: string; headers: Readonly<Record<string, string>> },
  { fetch, signal, models }: ProviderProbe,
): Promise<ToldModels | null> {
  try {
    // A followed redirect would carry the key to another host.
    const response = await fetch(url, { headers, signal, redirect: "manual" });
    if (!response.ok) {
      await response.body?.cancel();
      return null;
    }
    const text = await readWhole(response, mostBytes);
    const body = text === null ? undefined : parseJson(text);
    return body === undefined ? null : toldIn(body, spec, models);
  } catch {
    return null;
  }
}

/** What a listing says of the models that are named; of no others, since there may be hundreds. Pure. */
function toldIn(body: unknown, spec: ListingSpec, models: readonly string[]): ToldModels {
  const wanted = new Set(models);
  const told = new Map<string, Partial<ModelFacts>>();
  const entries = entriesIn(body).flatMap((entry) => spec.split?.(entry) ?? [entry]);
  for (const entry of entries) {
    const names = (spec.names ?? usualNames)(entry).filter((name) => typeof name === "string");
    const asked = new Set(names.filter((name) => wanted.has(name)));
    if (asked.size === 0) continue;
    const facts = (spec.facts ?? commonFacts)(entry);
    for (const name of asked) {
      const before = told.get(name);
      told.set(name, before === undefined ? facts : agreed(before, facts));
    }
  }
  return told;
}

/** The entries of a listing, however it is wrapped. */
function entriesIn(body: unknown): readonly JsonRecord[] {
  const list = isRecord(body) ? (body["data"] ?? body["models"] ?? body["result"]) : body;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function usualNames({ id, aliases }: JsonRecord): readonly unknown[] {
  return Array.isArray(aliases) ? [id, ...aliases] : [id];
}

/** What two entries by one name have in common: either may serve. A wrong "too small" is worse than a wrong "large enough". */
function agreed(one: Partial<ModelFacts>, other: Partial<ModelFacts>): Partial<ModelFacts> {
  const larger = (a: number | null | undefined, b: number | null | undefined): number | null =>
    typeof a === "number" && typeof b === "number" ? Math.max(a, b) : null;
  const same = Object.entries(one).filter(([name, value]) => {
    const others: unknown = Object.entries(other).find(([its]) => its === name)?.[1];
    return JSON.stringify(value) === JSON.stringify(others);
  });
  return {
    ...Object.fromEntries(same),
    contextWindow: larger(one.contextWindow, other.contextWindow),
    maxOutput: larger(one.maxOutput, other.maxOutput),
  };
}

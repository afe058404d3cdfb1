import type { Failure, Sighting } from "../../src/contract/failure.ts";
import type { ProviderSettings } from "../../src/contract/provider.ts";
import { classifyFailure } from "../shared/classify.ts";
import { concealerOf } from "../shared/redact.ts";
import { ContextMemory } from "./context-memory.ts";
import { ollamaFailures } from "./failures.ts";
import { readOptions, type OllamaOptions } from "./options.ts";
import type { Remembered } from "./told.ts";
import { ThinkingMemory } from "./thinking-memory.ts";

/** One configured Ollama: where it is, what every call carries, and what was learnt of its models. */
export interface OllamaAccount {
  /** The root URL, without credentials; it may be shown. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly contexts: ContextMemory;
  readonly thinking: ThinkingMemory;
  readonly options: OllamaOptions;
  /** What the server said of its models, by name. */
  readonly told: Map<string, Remembered>;
  classify(sighting: Sighting): Failure;
}

export function openAccount(settings: ProviderSettings): OllamaAccount {
  const { host, authorization } = readAddress(settings.baseUrl);
  const key = settings.apiKey === null ? authorization : `Bearer ${settings.apiKey}`;
  const conceal = concealerOf(settings, authorization === null ? [] : [authorization]);
  const profile = { ...ollamaFailures, conceal };
  return {
    host,
    headers: {
      "content-type": "application/json",
      accept: "application/x-ndjson, application/json",
      "user-agent": "lifeboat",
      ...(key !== null && { authorization: key }),
      ...lowerCased(settings.headers),
    },
    contexts: new ContextMemory(),
    thinking: new ThinkingMemory(),
    options: readOptions(settings.options),
    told: new Map(),
    classify: (sighting) => classifyFailure(profile, sighting),
  };
}

/** Credentials in the URL are what a proxy in front wants; `fetch` refuses a URL that holds them. */
function readAddress(baseUrl: string): { host: string; authorization: string | null } {
  const url = URL.parse(baseUrl);
  if (url === null || (url.username === "" && url.password === "")) {
    return { host: baseUrl.replace(/\/+$/, ""), authorization: null };
  }
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  url.username = "";
  url.password = "";
  const bytes = new TextEncoder().encode(credentials);
  return {
    host: url.href.replace(/\/+$/, ""),
    authorization: `Basic ${btoa(String.fromCharCode(...bytes))}`,
  };
}

/** A stray `%` is no escape, and no reason to throw. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** So that a configured header takes the place of ours and is not sent beside it. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

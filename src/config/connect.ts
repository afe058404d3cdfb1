import type { Provider, ProviderKind, ProviderSettings } from "../contract/provider.ts";
import type { Account } from "../contract/route.ts";
import { unreachableAddress } from "./addresses.ts";
import type { CompileContext } from "./compile.ts";
import type { ProviderEntry } from "./schema.ts";
import { readHeaders, readSecret } from "./secrets.ts";
import { readTransport, through } from "./transport.ts";

/** Makes every account of a config ready to be called, or says what it lacks. */
export function connectAll(
  entries: Readonly<Record<string, ProviderEntry>>,
  context: CompileContext,
): Map<string, Account> {
  const connected = Object.entries(entries).flatMap(([name, entry]) => {
    const kind = context.kinds.get(entry.kind);
    return kind === undefined ? [] : [[name, connect(name, entry, { kind, context })] as const];
  });
  return new Map(connected);
}

function connect(
  name: string,
  entry: ProviderEntry,
  { kind, context }: { kind: ProviderKind; context: CompileContext },
): Account {
  const base = { name, kind: kind.kind, local: kind.local };
  const { headers, headerSecrets, missing } = readHeaders(entry.headers ?? {}, context.bindings);
  if (missing !== null) return { ...base, provider: null, missing };
  const reference = keyReference(entry, kind);
  const secret = reference === null ? null : readSecret(reference, context.bindings);
  if (secret !== null && !secret.found) return { ...base, provider: null, missing: secret.name };
  const baseUrl = (entry.baseUrl ?? kind.baseUrl ?? "").replace(/\/+$/, "");
  const apiKey = secret?.value ?? null;
  const settings = { name, baseUrl, apiKey, headers, headerSecrets };
  return { ...base, ...reached(settings, entry, { kind, context }) };
}

/** Connects an account by the way that its config names, or by the internet. */
function reached(
  settings: ProviderSettings,
  { transport, options }: ProviderEntry,
  { kind, context }: { kind: ProviderKind; context: CompileContext },
): { provider: Provider; missing: null } | { provider: null; missing: string } {
  const { name, baseUrl } = settings;
  if (transport === undefined) {
    const unreachable = !context.privateAddresses && unreachableAddress(baseUrl) !== null;
    if (unreachable) return { provider: null, missing: `public baseUrl for ${name}` };
    return { provider: kind.connect({ ...settings, options }), missing: null };
  }
  const bound = readTransport(transport, context.bindings);
  if (!bound.found) return { provider: null, missing: `binding ${bound.name}` };
  const provider = kind.connect({ ...settings, options, binding: bound.binding });
  return {
    provider: bound.fetch === null ? provider : through(provider, bound.fetch),
    missing: null,
  };
}

/**
 * A kind's own key is used at the kind's own address only: an account moved to
 * another address by `baseUrl` gets a key when the config names one, and none otherwise.
 */
function keyReference(entry: ProviderEntry, kind: ProviderKind): string | null {
  if (entry.apiKey !== undefined) return entry.apiKey;
  if (kind.apiKeyEnv === null || entry.baseUrl !== undefined) return null;
  if (entry.transport !== undefined) return null;
  return `env.${kind.apiKeyEnv}`;
}

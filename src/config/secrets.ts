/** The Worker's bindings, as far as secrets are concerned. */
export type Bindings = Readonly<Record<string, unknown>>;

export type SecretLookup =
  | { readonly found: true; readonly value: string }
  | { readonly found: false; readonly name: string };

/**
 * Resolves `env.NAME`; the only place that reads a provider's key.
 * An empty secret counts as missing: that is what an unfilled `.dev.vars` line gives.
 */
export function readSecret(reference: string, bindings: Bindings): SecretLookup {
  const name = reference.slice("env.".length);
  const value = bindings[name];
  return typeof value === "string" && value.trim() !== ""
    ? { found: true, value: value.trim() }
    : { found: false, name };
}

const headerReference = /env\.([A-Za-z_][A-Za-z0-9_]*)/g;

/** Fills `env.NAME` in header values, and tells with what; names the first secret that is missing. */
export function readHeaders(
  headers: Readonly<Record<string, string>>,
  bindings: Bindings,
): { headers: Record<string, string>; headerSecrets: string[]; missing: string | null } {
  const headerSecrets: string[] = [];
  let missing: string | null = null;
  const filled = Object.entries(headers).map(([header, template]) => {
    const value = template.replace(headerReference, (reference: string) => {
      const secret = readSecret(reference, bindings);
      if (secret.found) {
        headerSecrets.push(secret.value);
        return secret.value;
      }
      missing ??= secret.name;
      return "";
    });
    return [header, value] as const;
  });
  return { headers: Object.fromEntries(filled), headerSecrets, missing };
}

import type { Fetch } from "../contract/edges.ts";
import type { Provider } from "../contract/provider.ts";
import type { Bindings } from "./secrets.ts";

/** What a provider is bound to in place of the internet. */
export type Bound =
  | { readonly found: true; readonly binding: object; readonly fetch: Fetch | null }
  | { readonly found: false; readonly name: string };

/** Finds what `binding:NAME` names: an HTTP service (a Workers VPC service, another Worker) or something of the kind's own. */
export function readTransport(transport: string, bindings: Bindings): Bound {
  const name = transport.slice("binding:".length);
  const binding = bindings[name];
  if (typeof binding !== "object" || binding === null) return { found: false, name };
  return {
    found: true,
    binding,
    fetch: isService(binding) ? (url, init) => binding.fetch(url, init) : null,
  };
}

function isService(binding: object): binding is { fetch: Fetch } {
  // Workers AI's own binding has a `run` of its own, which its kind calls.
  if ("run" in binding) return false;
  return "fetch" in binding && typeof binding.fetch === "function";
}

/** The same provider, whose every request goes through a binding. */
export function through(provider: Provider, fetch: Fetch): Provider {
  const { listing } = provider;
  return {
    ...provider,
    call: (call) => provider.call({ ...call, fetch }),
    check: (probe) => provider.check({ ...probe, fetch }),
    ...(listing !== undefined && {
      listing: { ...listing, read: (probe) => listing.read({ ...probe, fetch }) },
    }),
    ...(provider.warm !== undefined && {
      warm: async (model, probe) => provider.warm?.(model, { ...probe, fetch }),
    }),
  };
}

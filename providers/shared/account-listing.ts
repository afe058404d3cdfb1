import type { ModelListing, ProviderSettings } from "../../src/contract/provider.ts";
import type { ModelFacts } from "../../src/contract/route.ts";
import { askListing, type ListingSpec } from "./listing.ts";

interface ListedAccount {
  readonly settings: ProviderSettings;
  readonly headers: Readonly<Record<string, string>>;
  /** What is known of a model by the kind: of that the listing has no say. */
  readonly own: (model: string) => Partial<ModelFacts>;
}

/** The listing of an account; null where its kind has none, or its address shows no way to it. */
export function listingOf(
  spec: ListingSpec | undefined,
  { settings, headers, own }: ListedAccount,
): ModelListing | null {
  if (spec === undefined) return null;
  const baseUrl = settings.baseUrl.replace(/\/+$/, "");
  const url = spec.url === undefined ? `${baseUrl}/models` : spec.url(baseUrl);
  if (url === null) return null;
  const carried = spec.headers === undefined ? headers : withoutBearer(headers, settings.apiKey);
  const sent = { ...carried, accept: "application/json", ...spec.headers?.(settings.apiKey) };
  return {
    unasked: spec.unasked !== false,
    async read(probe) {
      const told = await askListing(spec, { url, headers: sent }, probe);
      if (told === null) return null;
      return new Map([...told].map(([model, facts]) => [model, without(facts, own(model))]));
    },
  };
}

/** The key goes once, in the words of the listing's own API; what the config itself sets there stays. */
function withoutBearer(
  headers: Readonly<Record<string, string>>,
  apiKey: string | null,
): Readonly<Record<string, string>> {
  const { authorization, ...others } = headers;
  return authorization === `Bearer ${apiKey}` ? others : headers;
}

function without(facts: Partial<ModelFacts>, own: Partial<ModelFacts>): Partial<ModelFacts> {
  const settled = new Set(Object.keys(own));
  return Object.fromEntries(Object.entries(facts).filter(([name]) => !settled.has(name)));
}

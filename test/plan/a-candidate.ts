import { openAiCompatibleProvider } from "../../scripts/simulated-provider.ts";
import { defaultTimeouts, plainCandidate } from "../../src/config/defaults.ts";
import { unknownFacts } from "../../src/config/models.ts";
import type { Candidate, ModelFacts, Price, Rate } from "../../src/contract/route.ts";

export function aCandidate(
  id: string,
  more: Partial<Omit<Candidate, "facts">> & { facts?: Partial<ModelFacts> } = {},
): Candidate {
  const [name = "", model = ""] = id.split("/");
  const provider = openAiCompatibleProvider(name);
  return {
    id,
    account: { name, kind: "openai-compatible", local: false, provider, missing: null },
    model,
    timeouts: defaultTimeouts,
    ...plainCandidate,
    ...more,
    facts: { ...unknownFacts, ...more.facts },
  };
}

/** Dollars per million tokens. */
export function aPrice(input: number, output: number, more: Partial<Price> = {}): Price {
  return {
    input: rate(input),
    output: rate(output),
    cachedInput: null,
    cacheWrite: null,
    reasoning: null,
    ...more,
  };
}

export function rate(base: number): Rate {
  return { base, above: [] };
}

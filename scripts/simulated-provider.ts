import { providerKinds } from "../providers/index.ts";
import type { Provider } from "../src/contract/provider.ts";

/** An adapter that stands in a plan and is never called: the simulation answers in its place. */
export function openAiCompatibleProvider(name: string): Provider {
  const kind = providerKinds.get("openai-compatible");
  if (kind === undefined) throw new Error("the kind openai-compatible is gone");
  return kind.connect({ name, baseUrl: "http://simulated.invalid/v1", apiKey: null, headers: {} });
}

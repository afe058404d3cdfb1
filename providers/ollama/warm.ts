import type { ProviderProbe } from "../../src/contract/provider.ts";
import type { OllamaAccount } from "./account.ts";
import { contextAhead } from "./context-size.ts";
import { isCloud } from "./describe.ts";
import { mostContext, tellOf } from "./told.ts";
import { OllamaWire } from "./wire.ts";

/** How long a model that was loaded ahead stays without being used, if the config does not say. */
const keptFor = "15m";

/**
 * Has a model loaded: an empty prompt does that. Its context is the size that requests are likely to
 * ask for, since another size would load it anew. Never throws.
 * Source: https://docs.ollama.com/faq ("How can I preload a model")
 */
export async function warm(
  account: OllamaAccount,
  model: string,
  { fetch, signal }: Omit<ProviderProbe, "models">,
): Promise<void> {
  if (isCloud(model, account.host)) return;
  const wire = new OllamaWire(account, { fetch, signal, expects: "document", now: () => 0 });
  const { keepAlive = keptFor } = account.options;
  const told = await tellOf(account, { model }, { fetch, signal });
  const most = mostContext(account, told?.facts.contextWindow);
  const size = account.contexts.last(model) ?? contextAhead({ most, least: told?.numCtx ?? null });
  try {
    await wire.client().generate({
      model,
      prompt: "",
      stream: false,
      keep_alive: keepAlive,
      options: { num_ctx: size },
    });
    account.contexts.isLoaded(model, size);
  } catch {
    // The request that needs the model will find out for itself.
  }
}

import type { ModelFacts } from "../../src/contract/route.ts";
import type { ProviderProbe } from "../../src/contract/provider.ts";
import { isRecord } from "../shared/json-values.ts";
import type { OllamaAccount } from "./account.ts";
import { modelName } from "./model-name.ts";
import { OllamaWire } from "./wire.ts";

/** What a server said of one of its models; its window is no more than the machine holds. */
export interface Told {
  readonly facts: Partial<ModelFacts>;
  /** The context that its Modelfile sets (`PARAMETER num_ctx`); null where it sets none. */
  readonly numCtx: number | null;
}

/** The same, and when the model had last changed, as the list says; null when the list was not asked. */
export interface Remembered extends Told {
  readonly changed: string | null;
}

/** More models than a config names; only a bound. */
const mostModels = 1_000;

/**
 * What a model can do, by `/api/show`; asked once for each model and change of it. Null when the
 * server does not say. Never throws.
 */
export async function tellOf(
  account: OllamaAccount,
  { model, changed = null }: { readonly model: string; readonly changed?: string | null },
  { fetch, signal }: Omit<ProviderProbe, "models">,
): Promise<Told | null> {
  const known = account.told.get(modelName(model));
  if (known !== undefined && (changed === null || known.changed === changed)) return known;
  const wire = new OllamaWire(account, { fetch, signal, expects: "document", now: () => 0 });
  try {
    const said = toldBy(await wire.client().show({ model }));
    const most = mostContext(account, said.facts.contextWindow);
    const facts = { ...said.facts, ...(most !== null && { contextWindow: most }) };
    const told = { ...said, facts, changed };
    if (account.told.size >= mostModels) account.told.clear();
    account.told.set(modelName(model), told);
    return told;
  } catch {
    return null;
  }
}

/** The least of what the machine holds, by its operator's word, and the model's windows; null when none is known. */
export function mostContext(
  { options }: OllamaAccount,
  ...windows: readonly (number | null | undefined)[]
): number | null {
  const known = [options.maxContext, ...windows].filter((size) => typeof size === "number");
  return known.length === 0 ? null : Math.min(...known);
}

/**
 * What `/api/show` says of a model: what it can do, the window that it was trained for, and the
 * context that it is loaded with where nobody asks for another. A server that lists no capabilities
 * is an old one, and says nothing.
 * Source: https://docs.ollama.com/api-reference/show-model-details
 */
function toldBy(shown: unknown): Told {
  if (!isRecord(shown)) return { facts: {}, numCtx: null };
  const { capabilities, model_info: info, parameters } = shown;
  const window = isRecord(info) ? windowIn(info) : null;
  const facts = {
    ...(window !== null && { contextWindow: window }),
    ...(Array.isArray(capabilities) && {
      tools: capabilities.includes("tools"),
      images: capabilities.includes("vision"),
      reasoning: capabilities.includes("thinking"),
    }),
  };
  return { facts, numCtx: typeof parameters === "string" ? numCtxIn(parameters) : null };
}

/** The field is named after the model's architecture, as `llama.context_length`. */
function windowIn(info: Readonly<Record<string, unknown>>): number | null {
  const [, window] = Object.entries(info).find(([name]) => name.endsWith(".context_length")) ?? [];
  return typeof window === "number" && window > 0 ? window : null;
}

/** One parameter a line, its name and its value: `num_ctx                        16384`. */
function numCtxIn(parameters: string): number | null {
  const [, digits] = /^num_ctx\s+(\d{1,9})\s*$/m.exec(parameters) ?? [];
  return digits === undefined || Number(digits) === 0 ? null : Number(digits);
}

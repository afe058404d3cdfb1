import type { ModelState, ProviderProbe, Readiness } from "../../src/contract/provider.ts";
import type { Failure } from "../../src/contract/failure.ts";
import { isRecord } from "../shared/json-values.ts";
import type { OllamaAccount } from "./account.ts";
import { isCloud } from "./describe.ts";
import { modelName } from "./model-name.ts";
import { tellOf } from "./told.ts";
import { OllamaWire } from "./wire.ts";

/**
 * Asks which models are on the machine and which of them are loaded, without loading one. Never
 * throws. Sources: https://docs.ollama.com/api/tags, https://docs.ollama.com/api/ps
 */
export async function check(account: OllamaAccount, probe: ProviderProbe): Promise<Readiness> {
  const wire = wireFor(account, probe);
  try {
    const [listed, loaded] = await Promise.all([
      wire.client().list(),
      // Where the cloud answers there is no such list, and nothing to be loaded.
      wireFor(account, probe)
        .client()
        .ps()
        .catch(() => null),
    ]);
    const present = modelsIn(listed);
    const running = loaded === null ? null : modelsIn(loaded);
    for (const { name, context } of running ?? []) account.contexts.isLoaded(name, context);
    const warm = running && new Set(running.map(({ name }) => modelName(name)));
    const asked = probe.models.map((model) => stateOf(model, { account, probe, present, warm }));
    const models = present.flatMap(({ name }) => namesOf(name));
    return { ready: true, models, states: await Promise.all(asked) };
  } catch (error) {
    const failure = wire.explain(error);
    const answers = failure === null || failure.status !== null;
    return { ready: false, reason: reasonOf(failure, account.host), ...(answers && { answers }) };
  }
}

function wireFor(account: OllamaAccount, { fetch, signal }: ProviderProbe): OllamaWire {
  return new OllamaWire(account, { fetch, signal, expects: "document", now: () => 0 });
}

interface Listed {
  readonly name: string;
  /** Changes when the model does. */
  readonly changed: string;
  /** The context that it is loaded with, tokens; 0 where that is not told. */
  readonly context: number;
}

function modelsIn(list: unknown): Listed[] {
  const models = isRecord(list) && Array.isArray(list["models"]) ? list["models"] : [];
  return models.filter(isRecord).flatMap(({ name, modified_at: changed, context_length: size }) => {
    const context = typeof size === "number" ? size : 0;
    return typeof name === "string" ? [{ name, changed: String(changed), context }] : [];
  });
}

/** `llama3.2:latest` also goes by `llama3.2`. */
function namesOf(name: string): string[] {
  return name.endsWith(":latest") ? [name, name.slice(0, -":latest".length)] : [name];
}

interface Seen {
  readonly account: OllamaAccount;
  readonly probe: ProviderProbe;
  readonly present: readonly Listed[];
  /** Null where nobody can tell. */
  readonly warm: ReadonlySet<string> | null;
}

async function stateOf(
  model: string,
  { account, probe, present, warm }: Seen,
): Promise<ModelState> {
  const found = present.find(({ name }) => modelName(name) === modelName(model));
  if (found === undefined) {
    if (isCloud(model, account.host)) return { model, state: "warm", advice: null, facts: {} };
    const advice = `the model is not on ${account.host}: ollama pull ${model}`;
    return { model, state: "missing", advice, facts: {} };
  }
  const told = await tellOf(account, { model: found.name, changed: found.changed }, probe);
  const isWarm = warm === null || warm.has(modelName(model)) || isCloud(model, account.host);
  return { model, state: isWarm ? "warm" : "cold", advice: null, facts: told?.facts ?? {} };
}

function reasonOf(failure: Failure | null, host: string): string {
  if (failure === null) return `what answers at ${host} is not Ollama`;
  if (failure.class === "cancelled") return `no answer in time from ${host}`;
  if (failure.class === "auth") return `access was refused at ${host}`;
  if (failure.status === null) return `nothing answers at ${host}`;
  if (failure.status < 400) return `what answers at ${host} is not Ollama`;
  return `${host} answers with HTTP ${failure.status}`;
}

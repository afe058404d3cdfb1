import type { ProviderProbe, Readiness } from "../../src/contract/provider.ts";
import type { Failure } from "../../src/contract/failure.ts";
import type { OllamaAccount } from "./account.ts";
import { isRecord } from "../shared/json-values.ts";
import { OllamaWire } from "./wire.ts";

/** Asks which models are on the machine, without loading one. Never throws. */
export async function check(account: OllamaAccount, probe: ProviderProbe): Promise<Readiness> {
  const { fetch, signal } = probe;
  const wire = new OllamaWire(account, { fetch, signal, expects: "document", now: () => 0 });
  try {
    return { ready: true, models: namesOf(await wire.client().list()) };
  } catch (error) {
    return { ready: false, reason: reasonOf(wire.explain(error), account.host) };
  }
}

/** `llama3.2:latest` also goes by `llama3.2`. */
function namesOf(list: unknown): string[] {
  const models = isRecord(list) && Array.isArray(list["models"]) ? list["models"] : [];
  return models.filter(isRecord).flatMap(({ name }) => {
    if (typeof name !== "string") return [];
    return name.endsWith(":latest") ? [name, name.slice(0, -":latest".length)] : [name];
  });
}

function reasonOf(failure: Failure | null, host: string): string {
  if (failure === null) return `what answers at ${host} is not Ollama`;
  if (failure.class === "cancelled") return `no answer in time from ${host}`;
  if (failure.class === "auth") return `access was refused at ${host}`;
  if (failure.status === null) return `nothing answers at ${host}`;
  if (failure.status < 400) return `what answers at ${host} is not Ollama`;
  return `${host} answers with HTTP ${failure.status}`;
}

import type { ModelFacts } from "../../src/contract/route.ts";
import { noCharge } from "../shared/no-charge.ts";
import type { OllamaAccount } from "./account.ts";

/**
 * What is known of any model of an Ollama without asking. Cloud models, at ollama.com or through the
 * daemon of a machine, are paid for by subscription: what a token costs nobody says.
 */
export function describe(
  model: string,
  { host, options }: Pick<OllamaAccount, "host" | "options">,
): Partial<ModelFacts> {
  const { maxContext } = options;
  return {
    // Until its window is told: no model gets more than the machine holds.
    ...(maxContext !== undefined && { contextWindow: maxContext }),
    // Grammars are the server's own work: https://docs.ollama.com/capabilities/structured-outputs
    jsonSchema: true,
    jsonMode: true,
    audio: false,
    ...(!isCloud(model, host) && { price: noCharge }),
  };
}

export function isCloud(model: string, host: string): boolean {
  return /[:-]cloud$/.test(model) || URL.parse(host)?.hostname === "ollama.com";
}

export interface Report {
  readonly ready: boolean;
  readonly providers: readonly Provider[];
  /** 0: the bundled file counts. */
  readonly configVersion: number;
}

interface Provider {
  readonly name: string;
  readonly ready: boolean;
  readonly reason: string | null;
  /** Of the models that the config names, where the provider tells how they are doing. */
  readonly models?: readonly Model[];
}

interface Model {
  readonly model: string;
  readonly state: string;
  readonly advice: string | null;
}

/** How a provider is doing, in a line. */
export function describeProvider({ name, ready, reason, models = [] }: Provider): string {
  if (!ready) return `${name}: ${reason}`;
  const missing = models.filter(({ state }) => state === "missing");
  if (missing.length > 0) {
    return `${name}: ${missing.map(({ model, advice }) => advice ?? `no ${model}`).join("; ")}`;
  }
  const cold = models.filter(({ state }) => state === "cold").map(({ model }) => model);
  return cold.length === 0
    ? `${name}: ready`
    : `${name}: ready; loaded when first asked: ${cold.join(", ")}`;
}

/**
 * What `/readyz` of a router says. `starting`: nobody answers yet. `broken`: it runs, and cannot
 * tell; its log says why.
 */
export async function askReadiness(base: string): Promise<Report | "starting" | "broken"> {
  try {
    const alive = await fetch(`${base}/healthz`);
    await alive.body?.cancel();
    if (!alive.ok) return "broken";
    const response = await fetch(`${base}/readyz`);
    const value: unknown = await response.json();
    return isReport(value) ? value : "broken";
  } catch {
    return "starting";
  }
}

function isReport(value: unknown): value is Report {
  if (typeof value !== "object" || value === null) return false;
  if (!("ready" in value) || typeof value.ready !== "boolean") return false;
  if (!("configVersion" in value) || typeof value.configVersion !== "number") return false;
  return (
    "providers" in value && Array.isArray(value.providers) && value.providers.every(isProvider)
  );
}

function isProvider(value: unknown): value is Provider {
  if (typeof value !== "object" || value === null) return false;
  if (!("name" in value) || typeof value.name !== "string") return false;
  if (!("ready" in value) || typeof value.ready !== "boolean") return false;
  if ("models" in value && !(Array.isArray(value.models) && value.models.every(isModel))) {
    return false;
  }
  return "reason" in value && (value.reason === null || typeof value.reason === "string");
}

function isModel(value: unknown): value is Model {
  if (typeof value !== "object" || value === null) return false;
  if (!("model" in value) || typeof value.model !== "string") return false;
  if (!("state" in value) || typeof value.state !== "string") return false;
  return "advice" in value && (value.advice === null || typeof value.advice === "string");
}

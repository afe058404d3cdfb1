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
  return "reason" in value && (value.reason === null || typeof value.reason === "string");
}

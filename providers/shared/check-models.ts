import type { ProviderProbe, ProviderSettings, Readiness } from "../../src/contract/provider.ts";
import type { FailureClass } from "../../src/contract/failure.ts";

const reasons: Partial<Record<FailureClass, string>> = {
  auth: "the key was refused",
  quota_exhausted: "the account's quota is used up",
  rate_limited: "rate limited",
  overloaded: "overloaded",
  timeout: "no answer in time",
  model_not_found: "no model list at this base URL",
  cancelled: "no answer in time",
};

/** How a failed check reads its error: by HTTP status, or as a broken connection. */
export interface CheckReader {
  http(status: number, headers: Headers, body: string): FailureClass;
  network(error: unknown): FailureClass;
}

/**
 * Asks for the list of models with the official client, which costs nothing on any provider.
 * Never throws; the reason names no key and no internals.
 */
export async function checkModels(
  settings: ProviderSettings,
  probe: ProviderProbe,
  reader: CheckReader,
): Promise<Readiness> {
  try {
    return { ready: true, models: await listModels(settings, probe) };
  } catch (error) {
    const { APIConnectionError } = await import("openai");
    const answers = !probe.signal.aborted && !(error instanceof APIConnectionError);
    const reason = await reasonOf(error, probe.signal, reader);
    return { ready: false, reason, ...(answers && { answers }) };
  }
}

async function listModels(settings: ProviderSettings, probe: ProviderProbe): Promise<string[]> {
  // Loaded here because start-up should not pay for a client that only checks use.
  const { default: OpenAI } = await import("openai");
  const client = new OpenAI({
    apiKey: settings.apiKey ?? "none",
    baseURL: settings.baseUrl,
    organization: null,
    project: null,
    defaultHeaders:
      settings.apiKey === null
        ? { authorization: null, ...settings.headers }
        : { ...settings.headers },
    fetch: (url, init) =>
      probe.fetch(url instanceof Request ? url.url : url.toString(), {
        ...init,
        redirect: "manual",
      }),
    maxRetries: 0,
  });
  const page = await client.models.list({ signal: probe.signal });
  return idsOf(page.data);
}

/** The list is the upstream's word: it may be anything. */
function idsOf(data: unknown): string[] {
  if (!Array.isArray(data)) return [];
  return data.flatMap((model: unknown) => {
    if (typeof model !== "object" || model === null || !("id" in model)) return [];
    return typeof model.id === "string" ? [model.id] : [];
  });
}

async function reasonOf(error: unknown, signal: AbortSignal, reader: CheckReader): Promise<string> {
  if (signal.aborted) return "no answer in time";
  const { APIError, APIConnectionError } = await import("openai");
  if (error instanceof APIConnectionError) {
    return reasons[reader.network(error.cause)] ?? "cannot be reached";
  }
  if (error instanceof APIError && typeof error.status === "number") {
    const said = error.error === undefined ? "" : JSON.stringify({ error: error.error });
    const as = reader.http(error.status, error.headers ?? new Headers(), said);
    const reason = reasons[as];
    return reason === undefined ? `HTTP ${error.status}` : `${reason} (HTTP ${error.status})`;
  }
  return "answered in a form that cannot be read";
}

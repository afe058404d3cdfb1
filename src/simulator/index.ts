import type { Clock, Fetch, Random, Wait } from "../contract/edges.ts";
import { SimulatedAccount } from "./account.ts";
import { answerChat, newRequestId, refuse, type Arrival } from "./chat.ts";
import { modelEntry, modelList } from "./model-list.ts";
import { unknownModel, unknownPath } from "./openai-error.ts";
import { envelopeHeaders } from "./response-headers.ts";
import { simulatorSettingsSchema } from "./settings.ts";

export interface Simulator {
  /**
   * Says which accounts there are, by name, each with its `simulator` section. What an account has
   * used stays with its name; changed limits and credit count from the next request on. Throws on
   * a section that `checkSimulatorSettings` refuses.
   */
  configure(accounts: Readonly<Record<string, unknown>>): void;
  /**
   * Answers `http://simulator.invalid/<account>/v1/…` as OpenAI's server would. Rejects as fetch
   * does: with the signal's reason when aborted, with an Error for a lost connection.
   */
  readonly fetch: Fetch;
}

/** Starts a simulator with no accounts. It keeps plain data in memory and does no I/O but waiting. */
export function createSimulator(edges: { clock: Clock; random: Random; wait: Wait }): Simulator {
  const accounts = new Map<string, SimulatedAccount>();
  return {
    configure(configured) {
      const sections = Object.entries(configured).map(
        ([name, section]) => [name, simulatorSettingsSchema.parse(section)] as const,
      );
      for (const name of accounts.keys()) {
        if (!Object.hasOwn(configured, name)) accounts.delete(name);
      }
      for (const [name, settings] of sections) {
        const account = accounts.get(name);
        if (account === undefined) accounts.set(name, new SimulatedAccount(name, settings));
        else account.settings = settings;
      }
    },
    async fetch(url, init) {
      const { account: name, path } = destination(url);
      const account = accounts.get(name);
      if (account === undefined) throw new Error(`The simulator has no account "${name}".`);
      const signal = init.signal ?? new AbortController().signal;
      signal.throwIfAborted();
      const requestId = newRequestId(edges.random);
      const arrival = { ...edges, account, signal, requestId, arrivedAt: edges.clock.now() };
      return answer(path, init, arrival);
    },
  };
}

/** `http://simulator.invalid/school/v1/models` is the path `/v1/models` of the account `school`. */
function destination(url: string): { account: string; path: string } {
  const { pathname } = new URL(url);
  const end = pathname.indexOf("/", 1);
  if (end === -1) return { account: decodeURIComponent(pathname.slice(1)), path: "/" };
  return { account: decodeURIComponent(pathname.slice(1, end)), path: pathname.slice(end) };
}

async function answer(path: string, init: RequestInit, arrival: Arrival): Promise<Response> {
  const method = init.method ?? "GET";
  if (method === "POST" && path === "/v1/chat/completions") {
    return answerChat(await new Response(init.body).text(), arrival);
  }
  if (method !== "GET" || !/^\/v1\/models(?:\/|$)/.test(path)) {
    return refuse(unknownPath(method, path), arrival);
  }
  const id = decodeURIComponent(path.slice("/v1/models/".length));
  const document = id === "" ? modelList() : modelEntry(id);
  if (document === null) return refuse(unknownModel(id), arrival);
  const { organization } = arrival.account;
  const envelope = { organization, requestId: arrival.requestId, processingMs: 1 };
  return new Response(document, { headers: envelopeHeaders(envelope, "application/json") });
}

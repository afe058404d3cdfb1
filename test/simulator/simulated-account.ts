import OpenAI from "openai";
import { createSimulator, type Simulator } from "../../src/simulator/index.ts";

/** A clock that only waiting moves, and a wait that ends at once. */
export class VirtualTime {
  ms = Date.UTC(2026, 0, 15, 12);
  readonly waits: number[] = [];

  readonly clock = { now: () => this.ms };

  readonly wait = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.waits.push(ms);
    this.ms += ms;
    return Promise.resolve();
  };
}

/** A wait that only its signal ends. */
export function waitForAbort(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/** Different on each call, the same in each run. */
function countingRandom(): () => number {
  let calls = 0;
  return () => {
    calls += 1;
    return (calls * 0.618_033_988_749_895) % 1;
  };
}

export interface TestAccount {
  readonly simulator: Simulator;
  readonly time: VirtualTime;
  /** The official client, pointed at the account `school`, without retries of its own. */
  readonly openai: OpenAI;
  reconfigure(settings: Record<string, unknown>): void;
  /** A raw request to the account. */
  post(body: unknown, init?: RequestInit): Promise<Response>;
}

export const base = "http://simulator.invalid/school/v1";

/** An account with these settings on a virtual clock, and the official client to call it with. */
export function accountWith(
  settings: Record<string, unknown> = {},
  wait?: VirtualTime["wait"],
): TestAccount {
  const time = new VirtualTime();
  const simulator = createSimulator({
    clock: time.clock,
    random: countingRandom(),
    wait: wait ?? time.wait,
  });
  simulator.configure({ school: settings });
  return {
    simulator,
    time,
    openai: clientOf(simulator, "school"),
    reconfigure: (changed) => simulator.configure({ school: changed }),
    post: (body, init) =>
      simulator.fetch(`${base}/chat/completions`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
  };
}

export function clientOf(simulator: Simulator, account: string): OpenAI {
  return new OpenAI({
    apiKey: "none",
    baseURL: `http://simulator.invalid/${account}/v1`,
    fetch: (url, init) =>
      simulator.fetch(url instanceof Request ? url.url : new URL(url).href, init ?? {}),
    maxRetries: 0,
  });
}

/** A request that says just this. */
export function saying(content: string, model = "gpt-4o-mini") {
  return { model, messages: [{ role: "user" as const, content }] };
}

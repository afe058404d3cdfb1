import { exports } from "cloudflare:workers";
import { inject } from "vitest";
import { Upstream } from "../loopback/upstream.ts";

/** What the setup binds for tests. */
const appKey = "test-key";
const adminToken = "test-admin";

export function upstream(name: string): Upstream {
  return new Upstream(inject("upstreams"), name);
}

export function chat(body: object, init: { headers?: HeadersInit; signal?: AbortSignal } = {}) {
  const headers = new Headers({
    authorization: `Bearer ${appKey}`,
    "content-type": "application/json",
    ...Object.fromEntries(new Headers(init.headers)),
  });
  return exports.default.fetch("http://lifeboat/v1/chat/completions", {
    method: "POST",
    body: JSON.stringify({ messages: [{ role: "user", content: "hi" }], ...body }),
    headers,
    ...(init.signal !== undefined && { signal: init.signal }),
  });
}

export function admin(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(`http://lifeboat/admin${path}`, {
    ...init,
    headers: { authorization: `Bearer ${adminToken}` },
  });
}

export async function putConfig(config: object): Promise<void> {
  const response = await admin("/config", { method: "PUT", body: JSON.stringify(config) });
  if (!response.ok) throw new Error(await response.text());
}

export interface SeenDecision {
  readonly outcome: string;
  readonly status: number;
  readonly candidate: string | null;
  readonly failover: string | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly attempts: readonly { candidate: string; outcome: string; circuitAfter: string }[];
  readonly skipped: readonly { candidate: string; reason: string }[];
  readonly [field: string]: unknown;
}

/** The decision of an answer, once it is written. */
export async function decisionOf(response: Response): Promise<SeenDecision> {
  const id = response.headers.get("x-lifeboat-decision") ?? "";
  for (let tries = 0; tries < 60; tries += 1) {
    const found = await admin(`/decisions/${id}`);
    if (found.ok) return found.json();
    await found.body?.cancel();
    await scheduler.wait(50);
  }
  throw new Error(`the decision ${id} was not written within 3 s`);
}

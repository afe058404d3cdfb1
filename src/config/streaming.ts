import type { Hold, Streaming } from "../contract/route.ts";
import type { RouteOptions } from "./schema.ts";

/** What a route does with streams; by default nothing but to pass them on. */
export function resolveStreaming(options: RouteOptions | null): Streaming {
  return {
    hold: holdOf(options?.commit ?? "instant"),
    onBreak: options?.onBreak ?? "error",
    keepAliveMs: keepAliveOf(options?.keepAlive ?? false),
    hedgeAfterMs: options?.hedgeAfterMs ?? null,
  };
}

/** Proxies and clients that give up on silence do so after 30 s or more. */
const usualKeepAliveMs = 15_000;

function keepAliveOf(keepAlive: boolean | number): number | null {
  if (typeof keepAlive === "number") return keepAlive;
  return keepAlive ? usualKeepAliveMs : null;
}

function holdOf(commit: NonNullable<RouteOptions["commit"]>): Hold {
  if (commit === "instant") return { tokens: 0, ms: 0 };
  if (commit === "buffered") return { tokens: Infinity, ms: Infinity };
  return { tokens: commit.heldTokens ?? Infinity, ms: commit.heldMs ?? Infinity };
}

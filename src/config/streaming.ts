import type { Hold, Streaming } from "../contract/route.ts";
import type { RouteOptions } from "./schema.ts";

/** What a route does with streams; by default nothing but to pass them on. */
export function resolveStreaming(options: RouteOptions | null): Streaming {
  return {
    hold: holdOf(options?.commit ?? "instant"),
    onBreak: options?.onBreak ?? "error",
    keepAlive: options?.keepAlive ?? false,
    hedgeAfterMs: options?.hedgeAfterMs ?? null,
  };
}

function holdOf(commit: NonNullable<RouteOptions["commit"]>): Hold {
  if (commit === "instant") return { tokens: 0, ms: 0 };
  if (commit === "buffered") return { tokens: Infinity, ms: Infinity };
  return { tokens: commit.heldTokens ?? Infinity, ms: commit.heldMs ?? Infinity };
}

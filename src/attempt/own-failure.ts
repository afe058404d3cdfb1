import type { Failure } from "../contract/failure.ts";

/** A failure that Lifeboat itself found: no provider said anything, and none is blamed. */
export function ownFailure(
  found: Pick<Failure, "class" | "failsOver" | "message"> & Partial<Pick<Failure, "code">>,
): Failure {
  return {
    verdict: "neutral",
    scope: "none",
    retryAfterMs: null,
    status: null,
    code: null,
    type: null,
    body: null,
    contentType: null,
    ...found,
  };
}

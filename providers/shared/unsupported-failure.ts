import type { Failure } from "../../src/contract/failure.ts";

/** A request that the provider cannot be asked; known before any call. */
export function unsupportedFailure(message: string): Failure {
  return {
    class: "unsupported",
    failsOver: true,
    verdict: "neutral",
    scope: "none",
    retryAfterMs: null,
    status: null,
    code: null,
    type: null,
    message,
    body: null,
    contentType: null,
  };
}

import type { Failure } from "../contract/failure.ts";

/** Says nothing of the provider. */
export const callerGone: Failure = {
  class: "cancelled",
  failsOver: false,
  verdict: "neutral",
  scope: "none",
  retryAfterMs: null,
  status: null,
  code: null,
  type: null,
  message: "the caller left",
  body: null,
  contentType: null,
};

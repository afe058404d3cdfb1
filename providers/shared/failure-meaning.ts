import type { FailureClass, FailureScope } from "../../src/contract/failure.ts";

export interface Meaning {
  readonly failsOver: boolean;
  readonly counts: boolean;
  readonly scope: FailureScope;
  /** Whether a stated wait makes sense for it; elsewhere "try again in" is advice to a person. */
  readonly waits: boolean;
}

const down = { failsOver: true, counts: true, scope: "candidate", waits: true } as const;
const other = { failsOver: true, counts: false, scope: "none", waits: false } as const;
const callers = { failsOver: false, counts: false, scope: "none", waits: false } as const;

/** What each class means for failover and circuit, where a rule does not say otherwise. */
export const meanings: Readonly<Record<FailureClass, Meaning>> = {
  rate_limited: down,
  quota_exhausted: { ...down, scope: "provider" },
  overloaded: down,
  server_error: down,
  timeout: down,
  auth: { ...down, scope: "provider", waits: false },
  model_not_found: other,
  context_length: other,
  request_too_large: other,
  content_filter: callers,
  unsupported: other,
  bad_request: callers,
  cancelled: callers,
  unknown: down,
};

/** What a failed attempt means. The table of meanings is in docs/failures.md. */
export type FailureClass =
  | "rate_limited"
  | "quota_exhausted"
  | "overloaded"
  | "server_error"
  | "timeout"
  | "auth"
  | "model_not_found"
  | "context_length"
  | "request_too_large"
  | "content_filter"
  | "unsupported"
  | "bad_request"
  | "cancelled"
  | "unknown";

/** What a failure takes out of service: every model of the account, one candidate, or nothing. */
export type FailureScope = "provider" | "candidate" | "none";

/** Which of an attempt's clocks ran out. */
export type AttemptClock = "headers" | "first_token" | "idle" | "total";

/** A failure as a provider adapter gives it: read once, at the wire. */
export interface Failure {
  readonly class: FailureClass;
  readonly failsOver: boolean;
  readonly verdict: "failure" | "neutral";
  readonly scope: FailureScope;
  /** How long the provider asked us to stay away; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** HTTP status of the answer, null when there was none. */
  readonly status: number | null;
  /** What the provider said, kept beside the class. */
  readonly code: string | null;
  readonly type: string | null;
  readonly message: string | null;
  /** The provider's body (at most 64 KiB), for a caller's own fault that is passed through; never logged or stored. */
  readonly body: string | null;
  readonly contentType: string | null;
}

interface HeaderReader {
  get(name: string): string | null;
}

/** A failure as it was met, before it is understood. */
export type Sighting =
  | {
      /** `http`: a status that is no success. `body`: a 200 whose body is an error or cannot be read. */
      readonly site: "http" | "body";
      readonly status: number;
      readonly headers: HeaderReader;
      /** At most 64 KiB, decoded; may be cut, empty, HTML or anything else. */
      readonly body: string;
      readonly now: number;
    }
  | {
      /** An error event inside a stream, or a stream whose frames cannot be read; `data` is the event's payload. */
      readonly site: "stream";
      readonly status: number;
      readonly headers: HeaderReader;
      readonly data: string;
      readonly now: number;
    }
  | {
      /** The connection failed: refused, reset, no such host, or the body broke off. */
      readonly site: "network";
      readonly error: unknown;
      readonly now: number;
    }
  | { readonly site: "clock"; readonly clock: AttemptClock; readonly afterMs: number };

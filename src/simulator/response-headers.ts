import type { LimitViews } from "./account.ts";
import { formatDuration } from "./duration.ts";

/** What every answer of an account says of itself. */
export interface Envelope {
  readonly organization: string;
  readonly requestId: string;
  /** From the request's arrival to its headers. */
  readonly processingMs: number;
}

/**
 * The headers that OpenAI puts on every answer.
 * Source: https://platform.openai.com/docs/api-reference/debugging-requests
 */
export function envelopeHeaders(envelope: Envelope, contentType: string): Headers {
  return new Headers({
    "content-type": contentType,
    "openai-organization": envelope.organization,
    "openai-processing-ms": String(Math.max(1, Math.round(envelope.processingMs))),
    "openai-version": "2020-10-01",
    "x-request-id": envelope.requestId,
  });
}

/**
 * What is left of the allowance. A unit without a limit has no headers.
 * Source: https://platform.openai.com/docs/guides/rate-limits
 */
export function setLimitHeaders(headers: Headers, limits: LimitViews): void {
  for (const unit of ["requests", "tokens"] as const) {
    const view = limits[unit];
    if (view === undefined) continue;
    headers.set(`x-ratelimit-limit-${unit}`, String(view.limit));
    headers.set(`x-ratelimit-remaining-${unit}`, String(view.remaining));
    headers.set(`x-ratelimit-reset-${unit}`, formatDuration(view.resetMs));
  }
}

/** The wait in whole seconds, rounded up, and in milliseconds. */
export function setRetryAfter(headers: Headers, ms: number): void {
  headers.set("retry-after", String(Math.ceil(ms / 1000)));
  headers.set("retry-after-ms", String(Math.ceil(ms)));
}

import type { Decision } from "../contract/decision.ts";
import type { Failure } from "../contract/failure.ts";
import { openAiError } from "./openai-error.ts";
import { type Unserved, type Unsuccessful } from "./unserved.ts";

/** What every answer's `x-lifeboat-*` headers tell. */
export interface Marks {
  readonly decision: string;
  readonly attempts: number;
  readonly failover: Decision["failover"];
}

export interface ServedMarks extends Marks {
  readonly candidate: string;
  readonly adapted: readonly string[];
}

/** The headers that Lifeboat puts on every answer, streams and errors included. */
function lifeboatHeaders(marks: Marks & Partial<ServedMarks>): Record<string, string> {
  const { decision, attempts, failover, candidate, adapted = [] } = marks;
  return {
    "x-lifeboat-decision": decision,
    // The official clients show this one as the request's id.
    "x-request-id": decision,
    "x-lifeboat-attempts": String(attempts),
    "x-lifeboat-cache": "off",
    ...(candidate !== undefined && { "x-lifeboat-candidate": headerSafe(candidate) }),
    ...(failover !== null && { "x-lifeboat-failover": failover }),
    ...(adapted.length > 0 && { "x-lifeboat-adapted": headerSafe(adapted.join(", ")) }),
  };
}

const plain = /^[\x20-\x7e]*$/;

/** Header values are Latin-1; what a config or an app may have written is not. */
function headerSafe(text: string): string {
  if (plain.test(text)) return text;
  const sound = text.replaceAll("→", "->").toWellFormed();
  return sound.replaceAll(/[^\x20-\x7e]/gu, (char) => encodeURIComponent(char));
}

export function servedResponse(
  body: { form: "document"; text: string } | { form: "stream"; body: ReadableStream<Uint8Array> },
  marks: ServedMarks,
): Response {
  const headers = lifeboatHeaders(marks);
  if (body.form === "document") {
    return new Response(body.text, {
      headers: { ...headers, "content-type": "application/json" },
    });
  }
  return new Response(body.body, { headers: { ...headers, ...streamHeaders } });
}

const streamHeaders = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
};

/** A stream that begins before it is known who serves it: only the decision can be named. */
export function waitingResponse(body: ReadableStream<Uint8Array>, decision: string): Response {
  const headers = { "x-lifeboat-decision": decision, "x-request-id": decision };
  return new Response(body, { headers: { ...headers, ...streamHeaders } });
}

/** The answer when nothing served; a caller's own fault keeps the provider's words. */
export function unservedResponse(
  unserved: Unserved,
  { failure, attempts, skipped }: Unsuccessful,
  marks: Marks,
): Response {
  const headers = {
    ...lifeboatHeaders(marks),
    "content-type": "application/json",
    ...(unserved.retryAfterSeconds !== null && {
      "retry-after": String(unserved.retryAfterSeconds),
    }),
    ...(!unserved.worthRetrying && { "x-should-retry": "false" }),
  };
  const { status } = unserved;
  const theirs = passedThrough(failure);
  if (theirs !== null) return new Response(theirs, { status, headers });
  const lifeboat = { decision: marks.decision, attempts, skipped };
  return Response.json(openAiError(unserved, lifeboat), { status, headers });
}

/** The provider's own error body, where it is one that OpenAI's clients understand. */
function passedThrough(failure: Failure | null): string | null {
  if (failure === null || failure.failsOver || failure.body === null) return null;
  try {
    const value: unknown = JSON.parse(failure.body);
    if (typeof value !== "object" || value === null || !("error" in value)) return null;
    return typeof value.error === "object" && value.error !== null ? failure.body : null;
  } catch {
    return null;
  }
}

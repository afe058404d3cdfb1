import type { Clock, Wait } from "../contract/edges.ts";

/** What a body needs from outside; `signal` is the request's. */
export interface Pacing {
  readonly clock: Clock;
  readonly wait: Wait;
  readonly signal: AbortSignal;
}

/** A part of a body, and how long after the request's arrival it is sent, ms. */
export interface TimedPart {
  readonly text: string;
  readonly afterMs: number;
}

/** How a connection that is lost looks on Workers: refused, reset, or broken off in a body. */
export function lostConnection(): Error {
  return Object.assign(new Error("Network connection lost."), { retryable: true });
}

const encoder = new TextEncoder();

/**
 * A body that comes part by part, each when it is read and due, never before. Cancelling it or
 * aborting the request ends the wait at once; an abort gives the signal's reason, as fetch does.
 * With `breaks` the body ends as a lost connection does.
 */
export function pacedBody(
  parts: readonly TimedPart[],
  { clock, wait, signal, startedAt, breaks }: Pacing & { startedAt: number; breaks: boolean },
): ReadableStream<Uint8Array> {
  const cancelled = new AbortController();
  const ended = AbortSignal.any([signal, cancelled.signal]);
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        signal.throwIfAborted();
        const part = parts[next];
        next += 1;
        if (part === undefined) {
          if (breaks) throw lostConnection();
          controller.close();
          return;
        }
        const early = startedAt + part.afterMs - clock.now();
        if (early > 0) await wait(early, ended);
        controller.enqueue(encoder.encode(part.text));
      },
      cancel() {
        cancelled.abort();
      },
    },
    { highWaterMark: 0 },
  );
}

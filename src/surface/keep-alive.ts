import type { Wait } from "../contract/edges.ts";

interface KeepAliveOptions {
  readonly everyMs: number;
  readonly wait: Wait;
}

/**
 * The body of a stream whose answer is still being looked for: a comment every so often, then the
 * answer. Its status is sent already, so an answer that is an error becomes an event.
 */
export function keptAlive(
  answer: Promise<Response>,
  { everyMs, wait }: KeepAliveOptions,
): ReadableStream<Uint8Array> {
  let body: ReadableStreamDefaultReader<Uint8Array> | null = null;
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(comment),
      async pull(controller) {
        if (body === null) {
          const found = await comesWithin(answer, everyMs, wait);
          if (found === null) return controller.enqueue(comment);
          body = asStream(found).getReader();
        }
        const { done, value } = await body.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel(reason) {
        // The request's signal ends the search; an answer that comes all the same has nobody to read it.
        await (body ?? asStream(await answer)).cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** The answer, or null when it takes longer than `ms`. */
export async function comesWithin<T>(
  answer: Promise<T>,
  ms: number,
  wait: Wait,
): Promise<T | null> {
  const timer = new AbortController();
  const late = wait(ms, timer.signal).then(
    () => null,
    () => null,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
  }
}

const encoder = new TextEncoder();
const comment = encoder.encode(": waiting\n\n");

/**
 * An error document is what an error event holds; no dialect of today needs more. It goes into one
 * line, as a blank one would end the event: between JSON's values a line end is but a space.
 */
function asStream(response: Response): ReadableStream<Uint8Array> {
  if (response.ok && response.body !== null) return response.body;
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const line = (await response.text()).trim().replaceAll(/[\r\n]+/g, " ");
      controller.enqueue(encoder.encode(`data: ${line}\n\n`));
      controller.close();
    },
  });
}

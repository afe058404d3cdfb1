import autocannon from "autocannon";

export interface Ask {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Load {
  readonly requests: number;
  readonly connections: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/** No measurement may take longer, whatever goes wrong. */
const longestSeconds = 60;

/** Sends exactly so many requests over so many connections; any answer but a 2xx ends the benchmark. */
export async function load(ask: Ask, { requests, connections }: Load): Promise<LoadResult> {
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  let endedAt = 0;
  const started = performance.now();
  const options = {
    url: ask.url,
    method: "POST",
    headers: { "content-type": "application/json", ...ask.headers },
    body: ask.body,
    connections,
    amount: requests,
    timeout: longestSeconds,
  } as const;
  const running = autocannon(options, (error: unknown, ended) => {
    if (error === null || error === undefined) resolve(ended);
    else reject(new Error("autocannon failed", { cause: error }));
  });
  // Autocannon itself looks once a second whether it is done.
  running.on("response", () => {
    endedAt = performance.now();
  });
  const result = await promise;
  const seconds = (endedAt - started) / 1000;
  if (result["2xx"] !== requests) {
    const { errors, non2xx } = result;
    throw new Error(
      `${ask.url}: ${result["2xx"]} of ${requests} served, ${errors} errors, ${non2xx} refused`,
    );
  }
  return { perSecond: requests / seconds, medianMs: result.latency.p50, p99Ms: result.latency.p99 };
}

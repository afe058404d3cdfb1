import { Agent, request } from "node:http";
import type { Ask } from "./load.ts";

export interface Timed {
  readonly decision: string | null;
  readonly totalMs: number;
  /** Until the first output of a stream; null for an answer in one piece. */
  readonly firstTokenMs: number | null;
  /** How long each chunk of a paced stream was on its way, ms. */
  readonly onTheWayMs: readonly number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 });

/** One request over a connection that is there already, timed by the client. */
export function timed(ask: Ask): Promise<Timed> {
  const { promise, resolve, reject } = Promise.withResolvers<Timed>();
  const started = performance.now();
  const headers = { "content-type": "application/json", ...ask.headers };
  const asked = request(ask.url, { method: "POST", agent, headers }, (response) => {
    let firstTokenMs: number | null = null;
    const onTheWayMs: number[] = [];
    response.on("data", (data: Buffer) => {
      const now = performance.timeOrigin + performance.now();
      const text = data.toString();
      if (firstTokenMs === null && text.includes('"delta":{"content":')) {
        firstTokenMs = performance.now() - started;
      }
      for (const [, sentAt] of text.matchAll(/"content":"([\d.]+) "/g)) {
        onTheWayMs.push(now - Number(sentAt));
      }
    });
    response.on("end", () => {
      if (response.statusCode !== 200) {
        reject(new Error(`${ask.url} answered ${response.statusCode}`));
        return;
      }
      const decision = response.headers["x-lifeboat-decision"];
      resolve({
        decision: typeof decision === "string" ? decision : null,
        totalMs: performance.now() - started,
        firstTokenMs,
        onTheWayMs,
      });
    });
    response.on("error", reject);
  });
  asked.on("error", reject);
  asked.end(ask.body);
  return promise;
}

import { readFileSync } from "node:fs";
import { once } from "node:events";
import { Agent, request, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../scripts/free-port.ts";
import { startUpstreams } from "../loopback/openai-server.ts";
import { Upstream } from "../loopback/upstream.ts";
import { isolateHeap } from "./isolate-heap.ts";
import { startBundle, type RunningBundle } from "./start-bundle.ts";
import { appKey, pause } from "./start-router.ts";

const streams = 500;
const chunks = 200;
const text = Array.from({ length: chunks }, (_, n) => `w${n}`).join(" ");

let bundle: RunningBundle;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
let up: Upstream;
let inspector: string;

beforeAll(async () => {
  upstreams = await startUpstreams();
  up = new Upstream(upstreams.url, "many");
  inspector = `127.0.0.1:${await freePort()}`;
  const config = {
    providers: { many: { kind: "openai-compatible", baseUrl: up.baseUrl } },
    routes: { many: ["many/m"] },
  };
  bundle = await startBundle(config, [`--inspector-addr=${inspector}`]);
});

afterAll(async () => {
  await bundle?.stop();
  await upstreams?.close();
});

const agent = new Agent({ keepAlive: true, maxSockets: streams });

/** Asks with Node's own client: 500 of `fetch`'s connections would be the thing measured. */
async function ask(): Promise<IncomingMessage> {
  const asked = request(`${bundle.url}/v1/chat/completions`, {
    method: "POST",
    agent,
    headers: { authorization: `Bearer ${appKey}`, "content-type": "application/json" },
  });
  asked.end(
    JSON.stringify({ model: "many", stream: true, messages: [{ role: "user", content: "go" }] }),
  );
  return new Promise((resolve, reject) => {
    asked.on("response", resolve);
    asked.on("error", reject);
  });
}

async function read(): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of await ask()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function textIn(raw: string): string {
  const events = raw.split("\n\n").filter((event) => event.startsWith("data: {"));
  const values = events.map((event) => JSON.parse(event.slice("data: ".length)));
  return values.flatMap(({ choices }) => choices[0]?.delta.content ?? "").join("");
}

/** Resident memory of the process, MiB. */
function memory(): number {
  const status = readFileSync(`/proc/${bundle.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024);
}

async function watched<T>(work: Promise<T>): Promise<{ result: T; peak: number }> {
  let peak = memory();
  const timer = setInterval(() => {
    peak = Math.max(peak, memory());
  }, 50);
  const result = await work.finally(() => clearInterval(timer));
  return { result, peak };
}

describe("500 streams of 200 chunks at once", () => {
  it("come whole and in order, and leave no memory behind", async () => {
    await up.script({ do: "answer", text, paceMs: 15 });
    await Promise.all(Array.from({ length: 50 }, read));
    const before = memory();
    const heap = [await isolateHeap(inspector, bundle.url)];
    const rounds: { peak: number; after: number }[] = [];
    for (let round = 0; round < 2; round += 1) {
      const { result, peak } = await watched(Promise.all(Array.from({ length: streams }, read)));
      const wrong = result.filter(
        (raw) => textIn(raw) !== text || !raw.endsWith("data: [DONE]\n\n"),
      );
      expect(wrong.length).toBe(0);
      await pause(500);
      rounds.push({ peak, after: memory() });
      heap.push(await isolateHeap(inspector, bundle.url));
    }
    console.info(
      `memory, MiB: ${before} before; ${rounds.map(({ peak, after }) => `${peak} at most, ${after} after`).join("; ")}`,
    );
    console.info(`the isolate's heap, MiB: ${heap.join(", ")}`);
    expect(heap[2]).toBeLessThan((heap[1] ?? 0) + 5);
    // What the first round made the process grow to, the later ones find again.
    expect(rounds[1]?.peak).toBeLessThan((rounds[0]?.peak ?? 0) + 60);
    expect(bundle.output()).not.toMatch(/unhandled|uncaught|TypeError/i);
  });
});

describe("a reader that does not read", () => {
  it("stops the upstream, and does not grow the isolate", async () => {
    const large = `${"x".repeat(10_000)} `.repeat(6_000);
    await up.script({ do: "answer", text: large, paceMs: 0 });
    const before = memory();
    const slow = await Promise.all(Array.from({ length: 5 }, ask));
    await pause(3_000);
    const grown = memory() - before;
    console.info(`5 unread streams of 60 MB: ${grown} MiB more`);
    expect(grown).toBeLessThan(100);
    const [first, ...others] = slow;
    let bytes = 0;
    for await (const piece of first ?? []) bytes += piece.length;
    expect(bytes).toBeGreaterThan(large.length);
    for (const other of others) other.destroy();
  });
});

describe("apps that leave in the middle", () => {
  it("have their upstream calls ended at once, and are no failure", async () => {
    await up.script({ do: "stall", after: 3, ms: 30_000, text });
    const leavers = await Promise.all(Array.from({ length: 20 }, ask));
    await Promise.all(leavers.map((response) => once(response, "data")));
    await pause(300);
    const leftAt = Date.now();
    for (const response of leavers) {
      response.on("error", () => {});
      response.socket.resetAndDestroy();
    }
    await pause(1_500);
    const took = (await up.calls()).map(({ abortedAt }) => (abortedAt ?? Infinity) - leftAt);
    console.info(`upstream calls ended after ${took.join(", ")} ms`);
    expect(took).toHaveLength(20);
    expect(Math.max(...took)).toBeLessThan(500);
    await up.script({ do: "answer", text: "still here", paceMs: 0 });
    expect(textIn(await read())).toBe("still here");
    expect(bundle.output()).not.toMatch(/unhandled|uncaught|TypeError/i);
    agent.destroy();
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { startUpstreams } from "../loopback/openai-server.ts";
import { rateLimited, Upstream } from "../loopback/upstream.ts";
import { startBundle, startWorker, type RunningBundle } from "./start-bundle.ts";
import { appKey, eventually, pause } from "./start-router.ts";

/*
 * A timer dies with the request that set it, so a circuit that waits for one stays open for ever.
 * The same steps, each a request of its own, against Lifeboat and against the naive use of opossum.
 */

let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
const running: RunningBundle[] = [];

beforeAll(async () => {
  upstreams = await startUpstreams();
});

afterAll(async () => {
  await Promise.all(running.map((worker) => worker.stop()));
  await upstreams?.close();
});

type Ask = () => Promise<number>;

interface Recovery {
  readonly opened: boolean;
  readonly callsWhileOpen: number;
  readonly recovered: boolean;
}

/** The upstream throttles for a second; then it is well again, and every 100 ms somebody asks. */
async function throttleAndRecover(up: Upstream, ask: Ask): Promise<Recovery> {
  await up.script(rateLimited(1));
  const first = await ask();
  const before = (await up.calls()).length;
  const second = await ask();
  const callsWhileOpen = (await up.calls()).length - before;
  await up.script({ do: "answer" });
  await pause(1_100);
  const recovered = await eventually(async () => ((await ask()) === 200 ? true : undefined)).catch(
    () => false,
  );
  return { opened: first !== 200 && second !== 200, callsWhileOpen, recovered };
}

it("Lifeboat's circuit closes again after the request that opened it has ended", async () => {
  const up = new Upstream(upstreams.url, "circuit-lifeboat");
  const bundle = await startBundle({
    providers: { up: { kind: "openai-compatible", baseUrl: up.baseUrl } },
    routes: { chat: ["up/a"] },
  });
  running.push(bundle);
  const ask: Ask = async () => {
    const response = await fetch(`${bundle.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${appKey}` },
      body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "hi" }] }),
    });
    await response.body?.cancel();
    return response.status;
  };
  const expected: Recovery = { opened: true, callsWhileOpen: 0, recovered: true };
  expect(await throttleAndRecover(up, ask)).toEqual(expected);
});

it("opossum left to its own timers stays open for ever: the control of the test above", async () => {
  const up = new Upstream(upstreams.url, "circuit-naive");
  const naive = await startWorker("test/fixtures/naive-breaker/worker.ts");
  running.push(naive);
  const ask: Ask = async () => {
    const response = await fetch(`${naive.url}/?upstream=${encodeURIComponent(up.baseUrl)}`);
    await response.body?.cancel();
    return response.status;
  };
  const expected: Recovery = { opened: true, callsWhileOpen: 0, recovered: false };
  expect(await throttleAndRecover(up, ask)).toEqual(expected);
});

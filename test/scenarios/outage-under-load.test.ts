import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decision } from "../../src/contract/decision.ts";
import { rateLimited } from "../loopback/upstream.ts";
import { startOutside, type Outside } from "./outside.ts";
import { eventually, pause } from "./start-router.ts";

let outside: Outside;

beforeAll(async () => {
  outside = await startOutside();
});

afterAll(() => outside?.close());

const requests = 260;
const atOnce = 20;
const reopensAfterS = 1;
const limitedForMs = 2_500;

interface Answered {
  /** When it was asked. */
  readonly at: number;
  readonly status: number;
  readonly candidate: string | null;
}

async function askOnce(n: number): Promise<Answered> {
  const messages = [{ role: "user", content: `question ${n}` }];
  const at = Date.now();
  const response = await outside.router.post({
    model: "gpt-4o-mini",
    stream: n % 2 === 0,
    messages,
  });
  await response.text();
  const candidate = response.headers.get("x-lifeboat-candidate");
  return { at, status: response.status, candidate };
}

/** Every request, with the upstream turning limited after 60 of them, and well again by itself. */
async function load(up: Awaited<ReturnType<Outside["freshRoute"]>>["up"]) {
  const answered: Answered[] = [];
  let started = 0;
  let wellAgain: Promise<number> | undefined;
  const turn = async (): Promise<number> => {
    await up.script(rateLimited(reopensAfterS));
    await pause(limitedForMs);
    await up.script({ do: "answer" }, [], { keepCalls: true });
    return Date.now();
  };
  const app = async (): Promise<void> => {
    while (started < requests) {
      started += 1;
      const n = started;
      if (n === 60) wellAgain = turn();
      answered.push(await askOnce(n));
      // Spread over the outage and the time behind it.
      if (n > 60) await pause(1_000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, app));
  return { answered, wellAgainAt: (await wellAgain) ?? 0 };
}

/** All decisions on the route, page by page. */
async function allDecisions(): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const behind: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const response = await outside.router.admin(`/decisions?limit=50${behind}`);
    const page: { decisions: Decision[]; cursor: string | null } = await response.json();
    found.push(...page.decisions);
    ({ cursor } = page);
  }
  return found;
}

describe("an upstream that turns from healthy to 429 and back, with 20 apps asking", () => {
  it("answers every request, leaves the upstream alone meanwhile, and returns to it", async () => {
    const { up, candidate } = await outside.freshRoute();
    const { answered, wellAgainAt } = await load(up);
    expect(answered.filter(({ status }) => status !== 200)).toEqual([]);
    expect(answered).toHaveLength(requests);

    const decisions = await eventually(async () => {
      const written = await allDecisions();
      return written.length >= requests ? written : undefined;
    });
    expect(new Set(decisions.map(({ id }) => id)).size).toBe(requests);
    const limited = decisions.flatMap(({ at, attempts }) =>
      attempts
        .filter(({ outcome }) => outcome === "rate_limited")
        .map(({ startedMs, durationMs }) => at + startedMs + durationMs),
    );
    const openedAt = Math.min(...limited);
    const calls = await up.calls();
    const whileOpen = calls.filter(({ at }) => at > openedAt && at < wellAgainAt);
    expect(limited.length).toBeGreaterThan(0);
    expect(whileOpen.length).toBeLessThanOrEqual(3);

    const meanwhile = answered.filter(({ at }) => at > openedAt + 100 && at < wellAgainAt);
    // One request holds the probe and waits for it; its wait may end when the upstream is well again.
    const waited = meanwhile.filter((one) => one.candidate === candidate);
    expect(waited.length).toBeLessThanOrEqual(1);
    const others = meanwhile.filter((one) => !waited.includes(one));
    expect(new Set(others.map((one) => one.candidate))).toEqual(new Set(["ollama/llama3.2"]));
    const afterwards = answered.filter(({ at }) => at > wellAgainAt + 4_000);
    expect(afterwards.length).toBeGreaterThan(10);
    expect(new Set(afterwards.map((one) => one.candidate))).toEqual(new Set([candidate]));
  });
});

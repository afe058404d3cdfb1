import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decision } from "../../src/contract/decision.ts";
import { startRowServer, type RecordedAnswer } from "../loopback/row-server.ts";
import { bodyText, knownRows, type FailureRow } from "../providers/failure-rows.ts";
import { startRouter, type RunningRouter } from "./start-router.ts";

/** All that can come over HTTP; a broken wire is not for a server to answer. */
const rows = knownRows.filter(({ where }) => where !== "network");
const fallback = "ok";
const served = JSON.stringify({
  id: "chatcmpl-ok",
  object: "chat.completion",
  created: 1,
  model: fallback,
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
});

let upstream: Awaited<ReturnType<typeof startRowServer>>;
let router: RunningRouter;

beforeAll(async () => {
  const answers = new Map<string, RecordedAnswer>([
    [fallback, { status: 200, headers: { "content-type": "application/json" }, body: served }],
  ]);
  for (const row of rows) answers.set(row.id, { ...row, body: bodyText(row) });
  upstream = await startRowServer(answers);
  router = await startRouter({ LIFEBOAT_ADMIN_TOKEN: "outside-admin", UP_KEY: "sk-up" });
});

afterAll(async () => {
  await router?.stop();
  await upstream?.close();
});

/** The account whose only answer is the row; another in each round, since circuits remember. */
function candidateOf({ id }: FailureRow, round: string): string {
  return `${round}-${id}/${id}`;
}

/** A route and an account for each row, so that no circuit of one is in the way of another. */
function configFor(all: readonly FailureRow[], round: string): object {
  const account = (kind: string) => ({
    kind,
    baseUrl: kind === "ollama" ? upstream.url : `${upstream.url}/v1`,
    apiKey: "env.UP_KEY",
  });
  return {
    providers: {
      healthy: account("openai-compatible"),
      ...Object.fromEntries(all.map(({ id, provider }) => [`${round}-${id}`, account(provider)])),
    },
    routes: Object.fromEntries(
      all.map((row) => [row.id, [candidateOf(row, round), `healthy/${fallback}`]]),
    ),
  };
}

interface Seen {
  readonly row: FailureRow;
  readonly status: number;
  readonly text: string;
  readonly candidate: string | null;
  readonly decision: Decision;
}

async function ask(row: FailureRow, stream: boolean): Promise<Seen> {
  const messages = [{ role: "user", content: "Hi" }];
  const response = await router.post({ model: row.id, messages, stream });
  const { status, headers } = response;
  const text = await response.text();
  const decision = await router.decision(headers.get("x-lifeboat-decision"));
  return { row, status, text, candidate: headers.get("x-lifeboat-candidate"), decision };
}

/** Asks for all, some at a time. */
async function askAll(all: readonly FailureRow[], stream: boolean): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      seen.push(await ask(row, stream));
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return seen;
}

/** What differs from the expectation, in words. */
function differences(seen: Seen, round: string): readonly string[] {
  const { row, decision } = seen;
  const { expected, id } = row;
  const [first] = decision.attempts;
  if (first?.candidate !== candidateOf(row, round)) return [`${id}: asked ${first?.candidate}`];
  const classes: string[] = [expected.class, ...(expected.alsoAcceptable ?? [])];
  const found: string[] = [];
  if (!classes.includes(first.outcome)) found.push(`${id}: ${first.outcome}`);
  // Instants of the past cannot be waited for any more.
  const isSpan = row.receivedAt === undefined && row.headers["date"] === undefined;
  if (isSpan && !sameWait(first.retryAfterMs, expected.retryAfterMs)) {
    found.push(`${id}: waits ${first.retryAfterMs}`);
  }
  return found;
}

/** The app is served by the second choice, or told its own fault with the provider's own words. */
function expectAppTold({ row, status, text, candidate, decision }: Seen): void {
  if (row.expected.failover) {
    expect([row.id, status, candidate]).toEqual([row.id, 200, `healthy/${fallback}`]);
    expect(decision).toMatchObject({ outcome: "served", failover: decision.attempts[0]?.outcome });
  } else if (row.where === "http") {
    expect([row.id, status]).toEqual([row.id, row.status]);
    if (row.expected.class !== "cancelled" && text !== bodyText(row)) {
      const { error }: { error: { message: string } } = JSON.parse(text);
      expect(bodyText(row)).toContain(JSON.stringify(error.message).slice(1, -1));
    }
  }
}

function sameWait(actual: number | null, expected: number | null): boolean {
  if (actual === null || expected === null) return actual === expected;
  return Math.abs(actual - expected) <= 1;
}

describe("a running router, whose first choice fails as providers are known to fail", () => {
  it("reads each failure, and the app is served by the second choice or told its own fault", async () => {
    await router.putConfig(configFor(rows, "a"));
    const seen = await askAll(rows, false);
    expect(seen.flatMap((each) => differences(each, "a"))).toEqual([]);
    seen.forEach(expectAppTold);
    expect(seen.filter(({ decision }) => decision.outcome === "served").length).toBeGreaterThan(
      300,
    );
  });

  it("reads the failures that come in a stream, before and after its first output", async () => {
    const streams = rows.filter(({ where }) => where === "stream");
    await router.putConfig(configFor(streams, "b"));
    const seen = await askAll(streams, true);
    expect(seen.flatMap((each) => differences(each, "b"))).toEqual([]);
    const outcomes = new Set(seen.map(({ decision }) => decision.outcome));
    expect(outcomes).toEqual(new Set(["served", "truncated"]));
  });
});

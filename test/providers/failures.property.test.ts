import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import type { Failure, Sighting } from "../../src/contract/failure.ts";
import { bodyText, knownRows } from "./failure-rows.ts";

const account = { name: "up", baseUrl: "http://localhost/v1", apiKey: "key", headers: {} };
const providers = [...providerKinds.values()].map((kind) => kind.connect(account));
const longestWaitMs = 31 * 24 * 3_600_000;

const provider = fc.constantFrom(...providers);
const status = fc.oneof(
  fc.integer({ min: 200, max: 599 }),
  fc.constantFrom(200, 400, 401, 402, 403, 404, 413, 429, 500, 502, 503, 529),
);
const now = fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) });

/** A value as a provider may write a time: right, skewed, past, absurd or broken. */
const time = fc.oneof(
  fc.integer({ min: -1_000, max: 10_000_000 }).map(String),
  fc.double().map(String),
  fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.stringMatching(/^[0-9]{1,25}(?:ms|s|m|h|d)(?:[0-9]{1,5}(?:\.[0-9]{1,20})?s)?$/),
  fc.constantFrom("", " ", "NaN", "Infinity", "-1", "0", "1e308", "١٢", "1,000", "99:99:99"),
);
const headerNames = [
  "retry-after retry-after-ms date x-ratelimit-reset ratelimit-reset ratelimit",
  "x-ratelimit-remaining-requests x-ratelimit-reset-requests",
  "anthropic-ratelimit-tokens-remaining anthropic-ratelimit-tokens-reset",
  "x-ratelimit-reset-tokens-minute x-ratelimit-remaining-tokens-minute",
].flatMap((names) => names.split(" "));
/** Any text at all, where real headers would refuse some. */
const headers = fc
  .dictionary(fc.constantFrom(...headerNames), time, { maxKeys: 8 })
  .map((fields) => ({ get: (name: string) => fields[name] ?? null }));

const fieldNames = [
  "error message code type status detail details reason errors",
  "retry_after retryDelay reset_at resets_in_seconds estimated_time",
  "choices base_resp status_code Response headers metadata raw",
].flatMap((names) => names.split(" "));
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.string(), time, fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...fieldNames), tie("tree"), { maxKeys: 6 }),
  ),
}));
const cutRow = fc
  .tuple(fc.constantFrom(...knownRows), fc.double({ min: 0, max: 1, noNaN: true }), fc.string())
  .map(([row, part, junk]) => {
    const text = bodyText(row);
    const at = Math.floor(text.length * part);
    return text.slice(0, at) + junk + text.slice(at + junk.length);
  });
const bytes = fc.uint8Array({ maxLength: 2_000 }).map((array) => new TextDecoder().decode(array));
const advice = fc
  .tuple(fc.constantFrom("try again in ", "resets at ", "wait ", "请等待 "), time)
  .map((words) => JSON.stringify({ error: { message: words.join("") } }));
const body = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  bytes,
  tree.map((value) => JSON.stringify(value)),
  cutRow,
  advice,
  cutRow.map((text) => `data: ${text}\n\n`),
);

function read(sighting: Sighting, kinds = providers): readonly Failure[] {
  return kinds.map((each) => each.classify(sighting));
}

function expectSensible(failure: Failure): void {
  const { retryAfterMs: wait } = failure;
  expect(failure.class).toEqual(expect.any(String));
  expect(["failure", "neutral"]).toContain(failure.verdict);
  if (failure.verdict === "neutral") expect(failure.scope).toBe("none");
  if (wait !== null) {
    expect(Number.isInteger(wait)).toBe(true);
    expect(wait).toBeGreaterThanOrEqual(1);
    expect(wait).toBeLessThanOrEqual(longestWaitMs);
  }
  for (const said of [failure.message, failure.code, failure.type]) {
    expect(said?.length ?? 0).toBeLessThanOrEqual(500);
  }
}

describe("whatever a provider answers, there is a reading and never an exception", () => {
  it.each(["http", "body"] as const)("in an answer (%s)", (site) => {
    fc.assert(
      fc.property(provider, fc.record({ status, headers, body, now }), (each, answer) => {
        expectSensible(each.classify({ site, ...answer }));
      }),
      { numRuns: 2_000 },
    );
  });

  it("in a stream", () => {
    fc.assert(
      fc.property(provider, fc.record({ status, headers, data: body, now }), (each, answer) => {
        expectSensible(each.classify({ site: "stream", ...answer }));
      }),
      { numRuns: 2_000 },
    );
  });

  it("on the wire, even from an error that throws when it is read", () => {
    const hostile = Object.defineProperty({}, "message", {
      get: () => {
        throw new Error("no");
      },
    });
    const errors = fc.oneof(
      fc.anything(),
      fc.string().map((text) => new Error(text)),
      tree,
    );
    fc.assert(
      fc.property(provider, errors, now, (each, error, at) => {
        expectSensible(each.classify({ site: "network", error, now: at }));
      }),
      { numRuns: 2_000 },
    );
    const looped: Error & { cause?: unknown } = new Error("around and around");
    looped.cause = looped;
    for (const error of [hostile, looped]) {
      read({ site: "network", error, now: 0 }).forEach(expectSensible);
    }
  });
});

const throttled = { status: 429, body: '{"error":{"message":"Rate limit reached"}}' };

function waitOf(fields: Record<string, string>, at: number, text = throttled.body): number | null {
  const answer = { ...throttled, body: text, headers: new Headers(fields), now: at };
  const kind = providerKinds.get("openai-compatible");
  return kind?.connect(account).classify({ site: "http", ...answer }).retryAfterMs ?? null;
}

describe("a clock that is wrong makes no wait absurd", () => {
  const skew = fc.integer({ min: -400 * 86_400, max: 400 * 86_400 });
  const seconds = fc.integer({ min: 1, max: 86_400 });

  it("a retry date is measured by the server's own clock", () => {
    fc.assert(
      fc.property(now, skew, seconds, (at, off, wait) => {
        const server = Math.floor(at / 1_000) * 1_000 + off * 1_000;
        const due = new Date(server + wait * 1_000).toUTCString();
        const stated = waitOf({ date: new Date(server).toUTCString(), "retry-after": due }, at);
        expect(Math.abs((stated ?? 0) - wait * 1_000)).toBeLessThanOrEqual(3_000);
      }),
    );
  });

  it("a reset that is past says nothing", () => {
    fc.assert(
      fc.property(now, seconds, (at, ago) => {
        const past = at - ago * 1_000;
        const iso = new Date(past).toISOString();
        expect(waitOf({ "retry-after": new Date(past).toUTCString() }, at)).toBeNull();
        expect(waitOf({ "x-ratelimit-reset": String(Math.floor(past / 1_000)) }, at)).toBeNull();
        expect(waitOf({ "x-ratelimit-reset": String(past) }, at)).toBeNull();
        expect(waitOf({}, at, `{"error":{"message":"Limit resets at ${iso}"}}`)).toBeNull();
      }),
    );
  });
});

/** Text that makes a careless pattern or walk slow, of about so many characters. */
const adversaries: Readonly<Record<string, (size: number) => string>> = {
  "deep arrays": (size) => "[".repeat(size / 2) + "]".repeat(size / 2),
  "deep objects": (size) => '{"error":'.repeat(size / 10) + "1" + "}".repeat(size / 10),
  "an unclosed string": (size) => `{"error":{"message":"${"\\\\".repeat(size / 2)}`,
  "many small fields": (size) => `{${'"code":"1",'.repeat(size / 11)}`,
  "strings in strings": (size) => JSON.stringify({ error: '{"error":'.repeat(size / 9) }),
  digits: (size) => `{"error":{"message":"try again in ${"1".repeat(size)}"}}`,
  "spans that do not end": (size) => `try again in ${"1m".repeat(size / 2)}x`,
  "leads without a span": (size) => "try again in ".repeat(size / 13),
  "near matches": (size) => "rate limit exceeded the maximum context length of ".repeat(size / 50),
  "open tags": (size) => `<html>${"<".repeat(size)}`,
  "open scripts": (size) => `<html>${"<script>".repeat(size / 8)}`,
  "events without an end": (size) => "data: {\n".repeat(size / 8),
  "json lines": (size) => '{"a":1}\n'.repeat(size / 8),
  spaces: (size) => `{"error":{"message":"${" ".repeat(size)}x"}}`,
  quotes: (size) => '"'.repeat(size),
  "a long key": (size) => `{"error":{"message":"sk-${"a-".repeat(size / 2)}"}}`,
  "words of every family": (size) =>
    "model input token content request quota credit account prompt ".repeat(size / 62),
};

/** The shared rules are the same for all kinds; these have the longest tables of their own. */
const talkative = ["bedrock", "hunyuan", "minimax", "ollama", "openai", "workers-ai", "zhipu"];
const timed = talkative.flatMap((name) => providerKinds.get(name)?.connect(account) ?? []);

function millisecondsFor(text: string): number {
  const headersOf = new Headers({ "retry-after": text.slice(0, 5_000).replaceAll("\n", " ") });
  const answer = { status: 429, headers: headersOf, now: 0 };
  const start = performance.now();
  read({ site: "http", ...answer, status: 400, body: text }, timed);
  read({ site: "stream", ...answer, status: 200, data: text }, timed);
  read({ site: "network", error: new Error(text), now: 0 }, timed);
  return performance.now() - start;
}

describe("the time of a reading is bounded, whatever the body", () => {
  it.each(Object.entries(adversaries))("%s", (_name, make) => {
    millisecondsFor(make(4_096));
    const small = millisecondsFor(make(8 * 1_024));
    const large = millisecondsFor(make(64 * 1_024));
    const huge = millisecondsFor(make(1_024 * 1_024));
    // 8 and 128 times the text; only 64 KiB of it are read. Generous: machines are shared.
    expect(large).toBeLessThan(Math.max(small, 5) * 40);
    expect(huge).toBeLessThan(Math.max(large, small, 5) * 20);
  });
});

import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import type { LimitReading } from "../../src/contract/limits.ts";

const now = Date.UTC(2026, 2, 1, 12);
const seconds = (count: number): number => now + count * 1_000;

/** What a kind's account says of its allowance on a plain, served answer. */
async function readingOf(
  kind: string,
  headers: Record<string, string>,
  status = 200,
): Promise<LimitReading | null> {
  const account = { name: "up", baseUrl: "http://localhost/v1", apiKey: "key", headers: {} };
  const provider = providerKinds.get(kind)?.connect(account);
  if (provider === undefined) throw new Error(`there is no kind ${kind}`);
  const answer = await provider.call({
    promptTokens: () => 1,
    model: "m",
    request: Object.freeze({ model: "m", messages: [{ role: "user", content: "Hi" }] }),
    stream: false,
    signal: new AbortController().signal,
    fetch: async () =>
      new Response("{}", { status, headers: { "content-type": "application/json", ...headers } }),
    clock: { now: () => now },
  });
  return answer.limits;
}

type Window = "second" | "minute" | "hour" | "day" | "month" | "unknown";
type Unit = "requests" | "tokens" | "input_tokens" | "output_tokens";

function dimension(unit: Unit, window: Window, [remaining, limit, resetAt]: (number | null)[]) {
  return { unit, window, remaining, limit, resetAt };
}

const openAiHeaders = {
  "x-ratelimit-limit-requests": "500",
  "x-ratelimit-limit-tokens": "30000",
  "x-ratelimit-remaining-requests": "499",
  "x-ratelimit-remaining-tokens": "63",
  "x-ratelimit-reset-requests": "120ms",
  "x-ratelimit-reset-tokens": "59.874s",
};

describe("the allowance is read where the provider announces it", () => {
  it.each([
    [
      "openai",
      openAiHeaders,
      [
        dimension("requests", "minute", [499, 500, now + 120]),
        dimension("tokens", "minute", [63, 30_000, now + 59_874]),
      ],
    ],
    [
      "xai",
      { "x-ratelimit-remaining-requests": "479", "x-ratelimit-limit-requests": "480" },
      [dimension("requests", "minute", [479, 480, null])],
    ],
    [
      "azure",
      { "x-ratelimit-remaining-requests": "7", "x-ratelimit-remaining-tokens": "1014" },
      [
        dimension("requests", "minute", [7, null, null]),
        dimension("tokens", "minute", [1_014, null, null]),
      ],
    ],
    [
      "anthropic",
      {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:17Z",
        "anthropic-ratelimit-input-tokens-limit": "40000",
        "anthropic-ratelimit-input-tokens-remaining": "38000",
        "anthropic-ratelimit-input-tokens-reset": "2026-03-01T13:00:03+01:00",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
      },
      [
        dimension("requests", "minute", [0, 50, seconds(17)]),
        dimension("input_tokens", "minute", [38_000, 40_000, seconds(3)]),
        dimension("output_tokens", "minute", [8_000, null, null]),
      ],
    ],
    [
      "groq",
      {
        "x-ratelimit-limit-requests": "14400",
        "x-ratelimit-remaining-requests": "14370",
        "x-ratelimit-reset-requests": "2m59.56s",
        "x-ratelimit-limit-tokens": "18000",
        "x-ratelimit-remaining-tokens": "17997",
        "x-ratelimit-reset-tokens": "7.66s",
      },
      [
        dimension("requests", "day", [14_370, 14_400, seconds(179.56)]),
        dimension("tokens", "minute", [17_997, 18_000, seconds(7.66)]),
      ],
    ],
    [
      "cerebras",
      {
        "x-ratelimit-limit-requests-day": "10000",
        "x-ratelimit-remaining-requests-day": "9500",
        "x-ratelimit-reset-requests-day": "33011.382867",
        "x-ratelimit-limit-tokens-minute": "200000",
        "x-ratelimit-remaining-tokens-minute": "0",
        "x-ratelimit-reset-tokens-minute": "11.382867",
      },
      [
        dimension("requests", "day", [9_500, 10_000, now + 33_011_383]),
        dimension("tokens", "minute", [0, 200_000, now + 11_383]),
      ],
    ],
    [
      "mistral",
      {
        "x-ratelimit-limit-req-minute": "60",
        "x-ratelimit-remaining-req-minute": "59",
        "x-ratelimit-limit-tokens-month": "1000000000",
        "x-ratelimit-remaining-tokens-month": "999999000",
        "ratelimitbysize-limit": "500000",
        "ratelimitbysize-remaining": "499900",
        "ratelimitbysize-reset": "12",
      },
      [
        dimension("requests", "minute", [59, 60, null]),
        dimension("tokens", "month", [999_999_000, 1_000_000_000, null]),
        dimension("tokens", "minute", [499_900, 500_000, seconds(12)]),
      ],
    ],
    [
      "openrouter",
      {
        "x-ratelimit-limit": "20",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(seconds(60)),
      },
      [dimension("requests", "unknown", [0, 20, seconds(60)])],
    ],
    [
      "together",
      {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-reset": "1",
        "x-tokenlimit-limit": "3000",
        "x-tokenlimit-remaining": "0",
      },
      [
        dimension("requests", "unknown", [9, 10, seconds(1)]),
        dimension("tokens", "unknown", [0, 3_000, seconds(1)]),
      ],
    ],
    [
      "sambanova",
      {
        "x-ratelimit-limit-requests": "20",
        "x-ratelimit-remaining-requests": "19",
        "x-ratelimit-reset-requests": String(seconds(60) / 1_000),
        "x-ratelimit-limit-requests-day": "200",
        "x-ratelimit-remaining-requests-day": "0",
        "x-ratelimit-reset-requests-day": String(seconds(3_600) / 1_000),
        "x-ratelimit-remaining-tokens-day": "200000",
      },
      [
        dimension("requests", "minute", [19, 20, seconds(60)]),
        dimension("requests", "day", [0, 200, seconds(3_600)]),
        dimension("tokens", "day", [200_000, null, null]),
      ],
    ],
    [
      "fireworks",
      {
        "x-ratelimit-limit-requests": "600",
        "x-ratelimit-remaining-requests": "599",
        "x-ratelimit-limit-tokens-prompt": "60000",
        "x-ratelimit-remaining-tokens-prompt": "59000",
        "x-ratelimit-limit-tokens-generated": "6000",
        "x-ratelimit-remaining-tokens-generated": "5900",
      },
      [
        dimension("requests", "minute", [599, 600, null]),
        dimension("input_tokens", "minute", [59_000, 60_000, null]),
        dimension("output_tokens", "minute", [5_900, 6_000, null]),
      ],
    ],
    [
      "cohere",
      { "x-trial-endpoint-call-limit": "10", "x-trial-endpoint-call-remaining": "9" },
      [dimension("requests", "minute", [9, 10, null])],
    ],
    [
      "openai-compatible",
      { "ratelimit-limit": "5", "ratelimit-remaining": "0", "ratelimit-reset": "42" },
      [dimension("requests", "unknown", [0, 5, seconds(42)])],
    ],
  ])("%s", async (kind, headers, dimensions) => {
    for (const status of [200, 429]) {
      expect(await readingOf(kind, headers, status)).toEqual({ at: now, dimensions });
    }
  });
});

describe("the fields of the IETF's drafts", () => {
  const read = async (headers: Record<string, string>) =>
    (await readingOf("openai-compatible", headers))?.dimensions ?? null;

  it("one policy, in the structured form", async () => {
    const headers = {
      ratelimit: '"default";r=50;t=30',
      "ratelimit-policy": '"default";q=100;w=60',
    };
    expect(await read(headers)).toEqual([dimension("requests", "minute", [50, 100, seconds(30)])]);
  });

  it("several windows in one field, each with its own policy", async () => {
    const headers = {
      ratelimit: '"burst";r=0;t=10, "daily";r=900;t=3600, "tokens";r=5;t=1',
      "ratelimit-policy": '"daily";q=1000;w=86400, "burst";q=10;w=60, "tokens";q=9;w=1;qu="tokens"',
    };
    expect(await read(headers)).toEqual([
      dimension("requests", "minute", [0, 10, seconds(10)]),
      dimension("requests", "day", [900, 1_000, seconds(3_600)]),
      dimension("tokens", "second", [5, 9, seconds(1)]),
    ]);
  });

  it("what is counted in bytes is no allowance of requests", async () => {
    const headers = {
      ratelimit: '"up";r=5;t=9',
      "ratelimit-policy": '"up";q=9;qu="content-bytes"',
    };
    expect(await read(headers)).toBeNull();
  });

  it("the older form in one field", async () => {
    const headers = {
      ratelimit: "limit=100, remaining=50, reset=5",
      "ratelimit-policy": "100;w=60",
    };
    expect(await read(headers)).toEqual([dimension("requests", "minute", [50, 100, seconds(5)])]);
  });

  it("the oldest form, in three fields, where the limit tells its window", async () => {
    const headers = {
      "ratelimit-limit": "100, 100;w=60, 5000;w=86400",
      "ratelimit-remaining": "99",
      "ratelimit-reset": "7",
    };
    expect(await read(headers)).toEqual([dimension("requests", "minute", [99, 100, seconds(7)])]);
  });
});

describe("what cannot be read is unknown and never a wrong number", () => {
  it.each(["", " ", "abc", "NaN", "Infinity", "-1", "0x10", "1e3", "12 apples", "40,000", "5, 9"])(
    "remaining: %j",
    async (remaining) => {
      expect(await readingOf("openai", { "x-ratelimit-remaining-requests": remaining })).toBeNull();
    },
  );

  it.each(["soon", "", "-5", "NaN", "12:00", "2026-03-01 12:00:00"])("reset: %j", async (reset) => {
    const headers = { "x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": reset };
    expect((await readingOf("openai", headers))?.dimensions).toEqual([
      dimension("requests", "minute", [3, null, null]),
    ]);
  });

  it.each([
    ["seconds since 1970", String(seconds(9) / 1_000), seconds(9)],
    ["milliseconds since 1970", String(seconds(9)), seconds(9)],
    ["an instant", "2026-03-01T12:00:09Z", seconds(9)],
    ["an HTTP date", "Sun, 01 Mar 2026 12:00:09 GMT", seconds(9)],
    ["a span", "1m26.4s", seconds(86.4)],
    ["hours", "6h", seconds(21_600)],
    ["plain seconds", "9", seconds(9)],
  ])("a reset may be %s", async (_name, reset, at) => {
    const headers = { "x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": reset };
    expect((await readingOf("openai", headers))?.dimensions[0]?.resetAt).toBe(at);
  });

  it("no header, no reading", async () => {
    for (const kind of providerKinds.keys()) {
      if (kind !== "ollama") expect(await readingOf(kind, {})).toBeNull();
    }
  });

  it("a policy alone or an endless field say nothing", async () => {
    expect(await readingOf("openai-compatible", { "ratelimit-policy": "100;w=60" })).toBeNull();
    const endless = `${'"a";r=1;t=1, '.repeat(100)}"b";r=1`;
    expect(await readingOf("openai-compatible", { ratelimit: endless })).toBeNull();
  });
});

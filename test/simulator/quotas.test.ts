import { RateLimitError } from "openai";
import { expect, test } from "vitest";
import { accountWith, clientOf, saying, type TestAccount } from "./simulated-account.ts";

type Request = ReturnType<typeof saying> & { readonly max_tokens?: number };

async function refusal(
  account: TestAccount,
  request: Request = saying("hello"),
): Promise<RateLimitError> {
  const error: unknown = await account.openai.chat.completions.create(request).catch((e) => e);
  if (!(error instanceof RateLimitError)) throw new Error("the request was not refused with a 429");
  return error;
}

async function serve(
  account: TestAccount,
  times = 1,
  request: Request = saying("hello"),
): Promise<void> {
  for (let n = 0; n < times; n += 1) await account.openai.chat.completions.create(request);
}

test("an account without credit answers insufficient_quota, with no wait that could cure it", async () => {
  const response = await accountWith({ creditUsd: 0 }).post(saying("hello"));

  expect(response.status).toBe(429);
  expect(await response.json()).toEqual({
    error: {
      message:
        "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.",
      type: "insufficient_quota",
      param: null,
      code: "insufficient_quota",
    },
  });
  expect(response.headers.get("retry-after")).toBeNull();
  expect(response.headers.get("x-ratelimit-remaining-requests")).toBeNull();
});

test("the official client raises a RateLimitError with the code insufficient_quota", async () => {
  const error = await refusal(accountWith({ creditUsd: 0 }));
  expect(error).toMatchObject({
    status: 429,
    code: "insufficient_quota",
    type: "insufficient_quota",
  });
});

test("credit falls by the list price of what was used, until it is gone", async () => {
  const account = accountWith({ creditUsd: 0.000_03, firstTokenMs: 0 });
  let spent = 0;
  let served = 0;
  while (spent < 0.000_03) {
    const { usage } = await account.openai.chat.completions.create(saying("hello"));
    if (usage === undefined) throw new Error("no usage");
    spent += (usage.prompt_tokens * 0.15 + usage.completion_tokens * 0.6) / 1e6;
    served += 1;
  }
  expect(served).toBeGreaterThan(1);
  expect((await refusal(account)).code).toBe("insufficient_quota");
});

test("a dearer model uses the credit up sooner; a dated snapshot costs what its model does", async () => {
  const countServed = async (model: string): Promise<number> => {
    const account = accountWith({ creditUsd: 0.001 });
    for (let served = 0; ; served += 1) {
      const response = await account.post(saying("hello", model));
      if (response.status !== 200) return served;
    }
  };
  const cheap = await countServed("gpt-4o-mini");
  const dear = await countServed("gpt-4o");
  expect(cheap).toBeGreaterThan(dear * 10);
  expect(await countServed("gpt-4o-2024-08-06")).toBe(dear);
});

test("topping the credit up serves again, and what was spent stays spent", async () => {
  const account = accountWith({ creditUsd: 0.000_001 });
  await serve(account);
  await refusal(account);
  account.reconfigure({ creditUsd: 1 });
  await serve(account);
  account.reconfigure({ creditUsd: 0.000_001 });
  expect((await refusal(account)).code).toBe("insufficient_quota");
});

test("the fourth request of a minute at 3 RPM is refused in OpenAI's words, and served 20 s later", async () => {
  const account = accountWith({ requestsPerMinute: 3, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account, 3);
  const error = await refusal(account);

  expect(error).toMatchObject({ code: "rate_limit_exceeded", type: "requests", param: null });
  expect(error.message).toBe(
    "429 Rate limit reached for gpt-4o-mini in organization org-simulated-school on requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.",
  );
  expect(error.headers.get("retry-after")).toBe("20");
  expect(error.headers.get("retry-after-ms")).toBe("20000");
  expect(error.headers.get("x-ratelimit-limit-requests")).toBe("3");
  expect(error.headers.get("x-ratelimit-remaining-requests")).toBe("0");
  expect(error.headers.get("x-ratelimit-reset-requests")).toBe("1m0s");

  account.time.ms += 19_999;
  expect((await refusal(account)).message).toContain("try again in 1ms");
  account.time.ms += 1;
  await serve(account);
  expect((await refusal(account)).message).toContain("try again in 20s");
});

test("requests per day drain all day long: 200 a day is one each 7m12s", async () => {
  const account = accountWith({
    requestsPerMinute: null,
    requestsPerDay: 200,
    firstTokenMs: 0,
    tokensPerSecond: null,
  });
  await serve(account, 200);
  const error = await refusal(account);
  expect(error.type).toBe("requests");
  expect(error.message).toContain(
    "on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.",
  );
  expect(error.headers.get("retry-after-ms")).toBe("432000");
});

test("tokens per minute count max_tokens, and the wait is that of the missing ones", async () => {
  const account = accountWith({ tokensPerMinute: 30_000, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account, 1, { ...saying("hello"), max_tokens: 18_928 });
  const error = await refusal(account, { ...saying("hello"), max_tokens: 11_159 });
  expect(error.type).toBe("tokens");
  expect(error.message).toContain(
    "on tokens per min (TPM): Limit 30000, Used 18928, Requested 11159. Please try again in 174ms.",
  );
  expect(error.headers.get("retry-after")).toBe("1");
  expect(error.headers.get("retry-after-ms")).toBe("174");
});

test("tokens per day have their own limit", async () => {
  const account = accountWith({ tokensPerDay: 1000, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account, 1, { ...saying("hello"), max_tokens: 900 });
  const error = await refusal(account, { ...saying("hello"), max_tokens: 900 });
  expect(error.message).toContain("tokens per day (TPD): Limit 1000, Used 900, Requested 900.");
  expect(error.type).toBe("tokens");
});

test("a request that can never fit is too large, and says no wait", async () => {
  const account = accountWith({ tokensPerMinute: 30_000 });
  const error = await refusal(account, { ...saying("hello"), max_tokens: 41_000 });
  expect(error.message).toBe(
    "429 Request too large for gpt-4o-mini in organization org-simulated-school on tokens per min (TPM): Limit 30000, Requested 41000. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more.",
  );
  expect(error.type).toBe("tokens");
  expect(error.headers.get("retry-after")).toBeNull();
});

test("a refused request uses nothing up", async () => {
  const account = accountWith({ requestsPerMinute: 1, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account);
  for (let n = 0; n < 50; n += 1) await refusal(account);
  account.time.ms += 60_000;
  await serve(account);
});

test("the headers fall with use and recover with the clock", async () => {
  const account = accountWith({ requestsPerDay: null, firstTokenMs: 0, tokensPerSecond: null });
  const limitsOf = async (request: object) => {
    const { headers } = await account.post(request);
    return ["limit", "remaining", "reset"].map((part) => [
      headers.get(`x-ratelimit-${part}-requests`),
      headers.get(`x-ratelimit-${part}-tokens`),
    ]);
  };
  const request = { ...saying("hello"), max_tokens: 1000 };
  expect(await limitsOf(request)).toEqual([
    ["500", "200000"],
    ["499", "199000"],
    ["120ms", "300ms"],
  ]);
  expect(await limitsOf(request)).toEqual([
    ["500", "200000"],
    ["498", "198000"],
    ["240ms", "600ms"],
  ]);
  account.time.ms += 60_000;
  expect((await limitsOf(request))[1]).toEqual(["499", "199000"]);
});

test("with a limit per day the request headers show the day's, as OpenAI's do", async () => {
  const { headers } = await accountWith().post(saying("hello"));
  expect(headers.get("x-ratelimit-limit-requests")).toBe("10000");
  expect(headers.get("x-ratelimit-remaining-requests")).toBe("9999");
  expect(headers.get("x-ratelimit-reset-requests")).toBe("8.64s");
});

test("when the minute refuses, the headers show the minute", async () => {
  const account = accountWith({ requestsPerMinute: 1, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account);
  const { headers } = await refusal(account);
  expect(headers.get("x-ratelimit-limit-requests")).toBe("1");
});

test("no limits: no limit headers, and nothing is refused", async () => {
  const account = accountWith({
    requestsPerMinute: null,
    requestsPerDay: null,
    tokensPerMinute: null,
    tokensPerDay: null,
    firstTokenMs: 0,
    tokensPerSecond: null,
  });
  await serve(account, 600);
  const { status, headers } = await account.post(saying("hello"));
  expect(status).toBe(200);
  expect([...headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual([]);
});

test("two accounts share nothing", async () => {
  const account = accountWith();
  account.simulator.configure({ poor: { creditUsd: 0 }, rich: {} });
  const poor = clientOf(account.simulator, "poor").chat.completions.create(saying("hello"));
  await expect(poor).rejects.toMatchObject({ code: "insufficient_quota" });
  const rich = await clientOf(account.simulator, "rich").chat.completions.create(saying("hello"));
  expect(rich.choices[0]?.message.content).toMatch(/^(Hello|Hi)!/);
});

test("a clock that steps back gives nothing back and takes nothing away", async () => {
  const account = accountWith({ requestsPerMinute: 1, firstTokenMs: 0, tokensPerSecond: null });
  await serve(account);
  account.time.ms -= 3_600_000;
  expect((await refusal(account)).headers.get("retry-after")).toBe("60");
});

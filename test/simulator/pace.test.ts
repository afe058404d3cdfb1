import { expect, test } from "vitest";
import { accountWith, saying, VirtualTime, waitForAbort } from "./simulated-account.ts";

const streamed = { ...saying("count to 10"), stream: true };

test("a stream's headers come at once, its first token after firstTokenMs, the rest at the pace", async () => {
  const account = accountWith({ firstTokenMs: 400, tokensPerSecond: 10 });
  const startedAt = account.time.ms;
  const response = await account.post(streamed);
  expect(account.time.ms - startedAt).toBe(0);

  const arrivals: number[] = [];
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    if (decoder.decode(bytes).includes('"content":')) arrivals.push(account.time.ms - startedAt);
  }
  expect(arrivals.slice(0, 4)).toEqual([0, 400, 500, 600]);
  expect(arrivals.length).toBe(20);
});

test("a slow reader finds what was due meanwhile without a further wait", async () => {
  const account = accountWith({ firstTokenMs: 400, tokensPerSecond: 10 });
  const response = await account.post(streamed);
  account.time.ms += 60_000;
  await response.text();
  expect(account.time.waits).toEqual([]);
});

test("a whole answer comes after the time that its tokens take", async () => {
  const account = accountWith({ firstTokenMs: 400, tokensPerSecond: 10 });
  const startedAt = account.time.ms;
  const { usage } = await account.openai.chat.completions.create(saying("count to 10"));
  expect(account.time.ms - startedAt).toBe(400 + (usage?.completion_tokens ?? 0) * 100);
});

test("without a pace nothing waits", async () => {
  const account = accountWith({ firstTokenMs: 0, tokensPerSecond: null });
  await (await account.post(streamed)).text();
  await account.post(saying("count to 10"));
  expect(account.time.waits).toEqual([]);
});

test("nothing is produced before it is read", async () => {
  const account = accountWith({ firstTokenMs: 400, tokensPerSecond: 10 });
  const response = await account.post(streamed);
  const reader = response.body?.getReader();
  await reader?.read();
  await Promise.resolve();
  expect(account.time.waits).toEqual([]);
  await reader?.read();
  expect(account.time.waits).toEqual([400]);
});

test("cancelling a stream ends its wait", async () => {
  let ended = false;
  const account = accountWith({}, (_, signal) => {
    signal?.addEventListener("abort", () => (ended = true));
    return waitForAbort(0, signal);
  });
  const reader = (await account.post(streamed)).body?.getReader();
  await reader?.read();
  const pending = reader?.read();
  await Promise.resolve();
  await reader?.cancel();
  expect(ended).toBe(true);
  expect(await pending).toEqual({ done: true, value: undefined });
});

test("aborting a request ends its stream with the signal's reason", async () => {
  const account = accountWith({}, waitForAbort);
  const left = new AbortController();
  const reader = (await account.post(streamed, { signal: left.signal })).body?.getReader();
  await reader?.read();
  const pending = reader?.read();
  left.abort(new Error("the caller left"));
  await expect(pending).rejects.toThrow("the caller left");
});

test("an abort between two reads shows at the next one", async () => {
  const account = accountWith({ firstTokenMs: 0, tokensPerSecond: null });
  const left = new AbortController();
  const reader = (await account.post(streamed, { signal: left.signal })).body?.getReader();
  await reader?.read();
  left.abort(new Error("the caller left"));
  await expect(reader?.read()).rejects.toThrow("the caller left");
});

test("aborting a whole answer rejects the fetch with the signal's reason", async () => {
  const account = accountWith({}, waitForAbort);
  const left = new AbortController();
  const pending = account.post(saying("hello"), { signal: left.signal });
  left.abort(new Error("the caller left"));
  await expect(pending).rejects.toThrow("the caller left");
});

test("a request that is aborted before it starts uses nothing up", async () => {
  const time = new VirtualTime();
  const account = accountWith({ requestsPerMinute: 1 }, time.wait);
  const signal = AbortSignal.abort(new Error("too late"));
  await expect(account.post(saying("hello"), { signal })).rejects.toThrow("too late");
  expect((await account.post(saying("hello"))).status).toBe(200);
});

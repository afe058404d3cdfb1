import { describe, expect, it } from "vitest";
import type { Price } from "../../src/contract/route.ts";
import { chargeFor, costOf, tokensOf } from "../../src/plan/cost.ts";
import { aCandidate, aPrice, rate } from "./a-candidate.ts";

const usage = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };

describe("the sorts of tokens in a usage", () => {
  it.each([
    ["OpenAI's details", { prompt_tokens_details: { cached_tokens: 400 } }],
    ["DeepSeek's hits", { prompt_cache_hit_tokens: 400, prompt_cache_miss_tokens: 600 }],
    ["Moonshot's own field", { cached_tokens: 400 }],
  ])("are told apart by %s", (_name, more) => {
    expect(tokensOf({ ...usage, ...more })).toMatchObject({ freshInput: 600, cachedInput: 400 });
  });

  it("count thinking once, whether it stands in the answer's tokens or beside them", () => {
    const details = { completion_tokens_details: { reasoning_tokens: 150 } };
    expect(tokensOf({ ...usage, ...details })).toMatchObject({ output: 50, reasoning: 150 });
    expect(tokensOf({ ...usage, ...details, total_tokens: 1_350 })).toMatchObject({
      output: 200,
      reasoning: 150,
    });
  });

  it("never come to less than nothing, whatever a provider states", () => {
    const odd = { prompt_tokens_details: { cached_tokens: 9_999 }, cache_creation_input_tokens: 9 };
    expect(tokensOf({ ...usage, ...odd })).toMatchObject({ freshInput: 0, cachedInput: 1_000 });
  });
});

describe("the cost of tokens", () => {
  const tokens = { freshInput: 600, cachedInput: 400, cacheWrite: 0, output: 50, reasoning: 150 };

  it("prices cached and thinking tokens as such", () => {
    const price = aPrice(2, 10, { cachedInput: rate(0.5), reasoning: rate(4) });
    expect(costOf(price, tokens)).toBeCloseTo(600 * 2 + 400 * 0.5 + 50 * 10 + 150 * 4);
  });

  it("takes the usual prices where there are no others", () => {
    expect(costOf(aPrice(2, 10), tokens)).toBeCloseTo(1_000 * 2 + 200 * 10);
  });

  it("goes by the step that the whole prompt is on", () => {
    const price = aPrice(2, 10, { input: { base: 2, above: [{ tokens: 999, price: 4 }] } });
    expect(costOf(price, tokens)).toBeCloseTo(1_000 * 4 + 200 * 10);
    expect(costOf(price, { ...tokens, freshInput: 599 })).toBeCloseTo(999 * 2 + 200 * 10);
  });
});

describe("what an answer cost", () => {
  const priced = aCandidate("a/m", { facts: { price: aPrice(1, 5) } });
  const answered = { usage, model: null, continuedBy: null };

  it("is in dollars", () => {
    expect(chargeFor(priced, priced.facts, answered)).toBeCloseTo(0.002);
  });

  it("is unknown without a price or without usage, and never nothing", () => {
    const unpriced = aCandidate("a/m");
    expect(chargeFor(unpriced, unpriced.facts, answered)).toBeNull();
    expect(chargeFor(priced, priced.facts, { ...answered, usage: null })).toBeNull();
    expect(chargeFor(priced, priced.facts, { ...answered, continuedBy: "b/m" })).toBeNull();
  });

  it("goes by the model that answered, unless the config states the price", () => {
    const { account } = priced;
    if (account.provider === null) throw new Error("not connected");
    const told = (model: string) => (model === "dear" ? { price: aPrice(10, 50) } : {});
    const known = { ...account, provider: { ...account.provider, describe: told } };
    const routed = { ...priced, account: known };
    expect(chargeFor(routed, routed.facts, { ...answered, model: "dear" })).toBeCloseTo(0.02);
    expect(chargeFor(routed, routed.facts, { ...answered, model: "m-2024" })).toBeCloseTo(0.002);
    expect(
      chargeFor({ ...routed, ownPrice: true }, routed.facts, { ...answered, model: "dear" }),
    ).toBeCloseTo(0.002);
  });

  /** Asked for a model that its provider lists at 1 and 5 dollars, where the catalogue has all at 10 and 50. */
  function charged(asked: string, model: string, listed: Price | null = aPrice(1, 5)) {
    const { account } = priced;
    if (account.provider === null) throw new Error("not connected");
    const provider = { ...account.provider, describe: () => ({ price: aPrice(10, 50) }) };
    const facts = { ...priced.facts, price: aPrice(10, 50) };
    const candidate = { ...priced, model: asked, facts, account: { ...account, provider } };
    const known = { ...facts, price: listed ?? facts.price };
    return chargeFor(candidate, known, { ...answered, model });
  }

  it.each([
    ["grok-4", "grok-4-0709"],
    ["gpt-4o", "gpt-4o-2024-08-06"],
    ["command-r", "command-r-08-2024"],
    ["gemini-2.0-flash", "models/gemini-2.0-flash-001"],
    ["mistral-large-latest", "mistral-large-2411"],
    ["claude-sonnet-4", "claude-sonnet-4@20250514"],
    ["deepseek/deepseek-r1:free", "deepseek/deepseek-r1-0528"],
    ["Qwen/Qwen3-32B", "qwen3-32b"],
  ])("goes by the listed price of %s where that is answered as %s", (asked, model) => {
    expect(charged(asked, model)).toBeCloseTo(0.002);
    expect(charged(asked, model, aPrice(0, 0))).toBe(0);
    // Where nothing is listed, that of the name that answered is the truer one.
    expect(charged(asked, model, null)).toBeCloseTo(0.02);
  });

  it.each([
    ["gpt-4o", "gpt-4o-mini"],
    ["grok-3", "grok-4"],
    ["gpt-4-0613", "gpt-4-1106"],
    ["qwen3:4b", "qwen3:32b"],
    ["openrouter/auto", "openai/gpt-4o"],
  ])("goes by the other model's price where %s is answered by %s", (asked, model) => {
    expect(charged(asked, model)).toBeCloseTo(0.02);
  });

  it("stays nothing where the answer leaves out that the free variant was asked for", () => {
    const { account } = priced;
    if (account.provider === null) throw new Error("not connected");
    const provider = { ...account.provider, describe: () => ({ price: aPrice(10, 50) }) };
    const facts = { ...priced.facts, price: aPrice(0, 0) };
    const free = { ...priced, model: "v/m:free", facts, account: { ...account, provider } };
    expect(chargeFor(free, facts, { ...answered, model: "v/m" })).toBe(0);
    expect(chargeFor(free, facts, { ...answered, model: "v/n" })).toBeCloseTo(0.02);
  });
});

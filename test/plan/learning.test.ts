import { describe, expect, it } from "vitest";
import { estimateOf, LazyEstimate } from "../../src/plan/estimate.ts";
import { PromptRatios } from "../../src/plan/prompt-ratios.ts";
import { requestKey } from "../../src/plan/request-key.ts";
import { Speeds } from "../../src/plan/speeds.ts";

describe("the estimate of a prompt", () => {
  const of = (content: unknown, more: object = {}) => {
    const messages = [{ role: "user", content }];
    return new LazyEstimate(JSON.parse(JSON.stringify({ model: "m", messages, ...more })));
  };

  it("counts pictures, tools and schemas, and no picture's bytes", () => {
    const bare = of("hi").tokens.input;
    const picture = {
      type: "image_url",
      image_url: { url: `data:image/png;base64,${"A".repeat(1e6)}` },
    };
    expect(of([picture]).tokens.input).toBeGreaterThan(500);
    expect(of([picture]).tokens.input).toBeLessThan(5_000);
    const tools = [{ type: "function", function: { name: "f", description: "x ".repeat(500) } }];
    expect(of("hi", { tools }).tokens.input).toBeGreaterThan(bare + 300);
  });

  it("never exceeds the bound that is found without reading", () => {
    for (const text of [
      "hi",
      "héllo wörld ".repeat(5_000),
      "日本語".repeat(9_000),
      "a1!".repeat(99),
    ]) {
      const estimate = of(text, { max_tokens: 7 });
      const { input, output } = estimate.tokens;
      expect(estimate.atMost).toBeGreaterThanOrEqual(input + output);
    }
  });

  it("samples a long prompt from all over", () => {
    const mixed = of(`${"word ".repeat(20_000)}${"日本語".repeat(40_000)}`).tokens.input;
    const words = of("word ".repeat(20_000)).tokens.input;
    expect(mixed).toBeGreaterThan(words * 4);
  });
});

describe("the estimate of one request", () => {
  const messages = [{ role: "assistant", content: "Four.", reasoning_content: "hm ".repeat(500) }];
  const request = { model: "m", messages };

  it("is made once, whoever asks", () => {
    expect(estimateOf(request)).toBe(estimateOf(request));
    expect(estimateOf({ ...request })).not.toBe(estimateOf(request));
  });

  it("counts what the model thought before, which goes back to it", () => {
    expect(estimateOf(request).tokens.input).toBeGreaterThan(300);
  });
});

describe("the ratio of real to estimated tokens", () => {
  it("moves to what is seen, and follows a change", () => {
    const ratios = new PromptRatios();
    expect(ratios.of("a")).toBe(1);
    for (let round = 0; round < 5; round += 1) ratios.learn("a", 1_000, 1_500);
    expect(ratios.of("a")).toBeCloseTo(1.5);
    expect(ratios.isLearnt("a")).toBe(true);
    for (let round = 0; round < 30; round += 1) ratios.learn("a", 1_000, 800);
    expect(ratios.of("a")).toBeCloseTo(0.8, 1);
    expect(ratios.of("b")).toBe(1);
  });

  it("believes no usage that cannot be, and learns nothing from a few words", () => {
    const ratios = new PromptRatios();
    ratios.learn("a", 1_000, 1_000_000);
    expect(ratios.of("a")).toBe(4);
    ratios.learn("b", 3, 30);
    expect(ratios.of("b")).toBe(1);
  });
});

describe("the speed of a candidate", () => {
  it("is a running average that is forgotten after a while", () => {
    const speeds = new Speeds();
    speeds.note("a", { firstTokenMs: 100, tokens: 100, afterMs: 1_000 }, 0);
    expect(speeds.of("a", 0)).toMatchObject({ firstTokenMs: 100, tokensPerSecond: 100 });
    speeds.note("a", { firstTokenMs: 200, tokens: 100, afterMs: 500 }, 1);
    expect(speeds.of("a", 1)?.firstTokenMs).toBeCloseTo(130);
    expect(speeds.of("a", 1)?.tokensPerSecond).toBeCloseTo(130);
    expect(speeds.of("a", 11 * 60_000)).toBeNull();
  });
});

describe("the key of a request", () => {
  const messages = [{ role: "system", content: "You are a cook." }];

  it("is the app's own where it gives one, else how the conversation begins", () => {
    const request = { model: "m", messages };
    expect(requestKey({ ...request, user: "u", prompt_cache_key: "k" })).toBe("k");
    expect(requestKey({ ...request, user: "u" })).toBe("u");
    expect(requestKey(request)).toBe("You are a cook.");
  });
});

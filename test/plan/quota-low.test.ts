import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { LimitDimension } from "../../src/contract/limits.ts";
import { LazyEstimate } from "../../src/plan/estimate.ts";
import { quotaLow } from "../../src/plan/quota-low.ts";

const now = 1_000_000;

function request(words: number, over: Partial<ChatRequest> = {}): ChatRequest {
  return { model: "m", messages: [{ role: "user", content: "word ".repeat(words) }], ...over };
}

function low(
  dimension: Partial<LimitDimension>,
  { asked = request(500), readMsAgo = 1_000 }: { asked?: ChatRequest; readMsAgo?: number } = {},
) {
  const whole = { unit: "tokens", window: "minute", limit: 10_000, remaining: 100 } as const;
  const reading = {
    at: now - readMsAgo,
    dimensions: [{ ...whole, resetAt: now + 20_000, ...dimension }],
  };
  return quotaLow(reading, new LazyEstimate(asked), now);
}

describe("a candidate's last word on its limits", () => {
  it("that leaves fewer tokens than the request is thought to need is too little until the reset", () => {
    expect(low({})).toMatchObject({ until: now + 20_000 });
    expect(low({})?.detail).toMatch(/^100 tokens left, \d{3} needed$/);
  });

  it("counts the answer that the app asks for", () => {
    const short = request(10);
    expect(low({ remaining: 100 }, { asked: short })).toBeNull();
    expect(low({ remaining: 100 }, { asked: request(10, { max_tokens: 200 }) })).not.toBeNull();
    const newer = request(10, { max_completion_tokens: 200 });
    expect(low({ remaining: 100 }, { asked: newer })).not.toBeNull();
    expect(low({ unit: "input_tokens", remaining: 100 }, { asked: newer })).toBeNull();
    expect(low({ unit: "output_tokens", remaining: 100 }, { asked: newer })).not.toBeNull();
  });

  it("of no requests left is too little for any", () => {
    expect(low({ unit: "requests", remaining: 0 }, { asked: request(1) })).not.toBeNull();
    expect(low({ unit: "requests", remaining: 1 })).toBeNull();
  });

  it.each([
    ["enough is left", { remaining: 5_000 }, 0],
    ["the reset is over", { resetAt: now }, 0],
    ["no reset is known", { resetAt: null }, 0],
    ["it does not say what is left", { remaining: null }, 0],
    ["it is a minute old", {}, 60_000],
  ])("says nothing where %s", (_name, dimension: Partial<LimitDimension>, readMsAgo) => {
    expect(low(dimension, { readMsAgo })).toBeNull();
  });

  it("is looked at again when it has grown old, however far the reset is", () => {
    expect(low({ resetAt: now + 3_600_000 })).toMatchObject({ until: now + 59_000 });
  });

  it("costs no reading of the prompt where plenty is left", () => {
    const estimate = new LazyEstimate(request(100));
    Object.defineProperty(estimate, "tokens", {
      get: () => {
        throw new Error("the prompt was read");
      },
    });
    const dimension = { unit: "tokens", window: "minute", limit: 9e6, remaining: 8e6 } as const;
    const reading = { at: now, dimensions: [{ ...dimension, resetAt: now + 1_000 }] };
    expect(quotaLow(reading, estimate, now)).toBeNull();
  });

  it("is estimated in bounded time for a prompt of any length, in proportion to it", () => {
    const short = new LazyEstimate(request(6_000)).tokens.input;
    const long = new LazyEstimate(request(600_000)).tokens.input;
    expect(long / short).toBeGreaterThan(90);
    expect(long / short).toBeLessThan(110);
  });
});

import { describe, expect, it } from "vitest";
import type { Allowance } from "../../src/contract/budget.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { Candidate } from "../../src/contract/route.ts";
import { standingOf, stateOf, type BudgetNow } from "../../src/plan/budget.ts";
import { aPlan, told } from "./a-plan.ts";
import { aCandidate, aPrice, rate } from "./a-candidate.ts";

const until = 9_000_000;

/** Of five dollars a day. */
function budget(spentUsd: number, more: Partial<Allowance> & { until?: number } = {}): BudgetNow {
  const { until: end = until, ...own } = more;
  const allowance: Allowance = {
    scope: "day:key-00000001:",
    key: "key-00000001",
    route: null,
    per: "day",
    limitMicroUsd: 5_000_000,
    cheaperFrom: 0.8,
    ...own,
  };
  return { allowance, until: end, spentMicroUsd: spentUsd * 1_000_000 };
}

describe("a budget", () => {
  it.each([
    ["within", 3.999999, {}],
    ["near", 4, {}],
    ["near", 4.999999, {}],
    ["spent", 5, {}],
    ["spent", 6, {}],
    ["within", 4.999999, { cheaperFrom: 1 }],
    ["near", 0, { cheaperFrom: 0 }],
    ["spent", 0, { limitMicroUsd: 0 }],
  ] as const)("is %s with %d of five dollars spent, %j", (state, spentUsd, more) => {
    expect(stateOf(budget(spentUsd, more))).toBe(state);
  });

  it("leaves a request alone where all that count have enough left", () => {
    expect(standingOf([])).toBeNull();
    expect(standingOf([budget(1), budget(3)])).toBeNull();
    expect(standingOf([budget(1), budget(4.5), budget(7)])).toMatchObject({
      near: [{ spentMicroUsd: 4_500_000 }],
      spent: [{ spentMicroUsd: 7_000_000 }],
    });
  });
});

const dear = aCandidate("dear/m", { facts: { price: aPrice(10, 40) } });
const middling = aCandidate("middling/m", { facts: { price: aPrice(1, 4) } });
const cheap = aCandidate("cheap/m", { lesser: true, facts: { price: aPrice(0.1, 0.4) } });
const unpriced = aCandidate("unpriced/m");
const free = aCandidate("free/m", { facts: { price: aPrice(0, 0) } });

const asked: ChatRequest = { model: "r", messages: [{ role: "user", content: "hi" }] };

function planned(
  candidates: readonly Candidate[],
  budgets: readonly BudgetNow[],
  { request = asked, ...more }: Parameters<typeof aPlan>[2] & { request?: ChatRequest } = {},
) {
  const moment = { budget: standingOf(budgets), ...more.planned };
  return aPlan(candidates, request, { ...more, planned: moment });
}

describe("with a budget near its end", () => {
  const near = [budget(4.5)];

  it("the cheapest is asked first, lesser ones too, and the others by their cost behind it", () => {
    expect(told(planned([dear, unpriced, middling, cheap], near))).toEqual([
      "dear/m: budget_low",
      "unpriced/m: budget_low",
      "middling/m: budget_low",
      "cheap/m: try",
      "middling/m: try",
      "dear/m: try",
      "unpriced/m: try",
    ]);
  });

  it("the reason says which budget, and until when", () => {
    expect(planned([dear, cheap], near)[0]?.skip).toEqual({
      candidate: "dear/m",
      reason: "budget_low",
      until,
      detail: "$4.5 of $5 per day spent (key-00000001)",
    });
    const all = [budget(4.5), budget(4.9, { key: null, route: "chat" })];
    expect(planned([dear, cheap], all)[0]?.skip?.detail).toBe(
      "$4.9 of $5 per day spent (everybody together on route chat)",
    );
  });

  it("nothing is different where the first is the cheapest, or no price is known", () => {
    expect(told(planned([middling, dear], near))).toEqual(["middling/m: try", "dear/m: try"]);
    const both = [unpriced, aCandidate("other/m")];
    expect(told(planned(both, near))).toEqual(["unpriced/m: try", "other/m: try"]);
  });

  it("a cheaper one that cannot take the request, or is out of service, is no reason", () => {
    const blind = aCandidate("blind/m", { facts: { price: aPrice(0, 0), images: false } });
    const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
    const request = { ...asked, messages: [{ role: "user", content: [image] }] };
    expect(told(planned([dear, blind], near, { request }))).toEqual([
      "dear/m: try",
      "blind/m: lacks_images",
    ]);
    const gone = (name: string) => (name === "free" ? { reason: "silent", until: 10 } : null);
    expect(told(planned([dear, free], near, { known: { unreachable: gone } }))).toEqual([
      "dear/m: try",
      "free/m: unreachable",
      "free/m: try",
    ]);
  });

  it("the first stays the first for an app that wants no other", () => {
    const steps = planned([dear, cheap], near, { planned: { noFallback: true } });
    expect(told(steps)).toEqual(["dear/m: try", "cheap/m: no_fallback"]);
  });

  it("a candidate that would take more than is left is passed over, one without a price is not", () => {
    const request = { ...asked, max_tokens: 500 };
    const little = [budget(4.99)];
    const steps = planned([dear, unpriced, middling], little, { request });
    expect(told(steps)).toEqual([
      "dear/m: budget_too_small",
      "unpriced/m: budget_low",
      "middling/m: try",
      "unpriced/m: try",
    ]);
    expect(steps[0]?.skip).toMatchObject({ until });
    expect(steps[0]?.skip?.detail).toMatch(
      /^\$4\.99 of \$5 per day spent .* about \$0\.02 needed$/,
    );
  });

  it("an answer's limit is the most that it may have, and not held against a usual one", () => {
    const usual = [budget(4.95)];
    const facts = { price: aPrice(10, 40), maxOutput: 16_384 };
    const talkative = aCandidate("talkative/m", { facts });
    for (const limit of [{}, { max_tokens: 16_000 }, { max_completion_tokens: 16_000 }]) {
      const request = { ...asked, ...limit };
      expect(told(planned([dear], usual, { request }))).toEqual(["dear/m: try"]);
      expect(told(planned([talkative], usual, { request }))).toEqual(["talkative/m: try"]);
    }
    expect(told(planned([dear], [budget(4.97)]))).toEqual(["dear/m: budget_too_small"]);
    const short = { ...asked, max_tokens: 100 };
    expect(told(planned([dear], [budget(4.97)], { request: short }))).toEqual(["dear/m: try"]);
  });

  it("an estimate that no usage has corrected is given its doubt", () => {
    const content = "word ".repeat(10_000);
    const request = { ...asked, max_tokens: 1, messages: [{ role: "user", content }] };
    const left = [budget(4.91)];
    expect(told(planned([dear], left, { request }))).toEqual(["dear/m: try"]);
    const ratio = () => ({ ratio: 1, learnt: true });
    expect(told(planned([dear], left, { request, known: { ratio } }))).toEqual([
      "dear/m: budget_too_small",
    ]);
  });

  it("the smallest of several counts, and its later end", () => {
    const both = [
      budget(4.99),
      budget(4.99, { until: until + 5 }),
      budget(4.9, { until: until + 9 }),
    ];
    expect(planned([dear], both)[0]?.skip).toMatchObject({
      reason: "budget_too_small",
      until: until + 5,
    });
  });
});

describe("with a budget spent", () => {
  const spent = [budget(5.2)];

  it("only what is known to cost nothing may serve", () => {
    const tiered = { ...rate(0), above: [{ tokens: 1_000, price: 1 }] };
    const paidLong = aCandidate("long/m", { facts: { price: aPrice(0, 0, { input: tiered }) } });
    const thinks = aCandidate("thinks/m", {
      facts: { price: aPrice(0, 0, { reasoning: rate(1) }) },
    });
    expect(told(planned([dear, unpriced, paidLong, thinks, free], spent))).toEqual([
      "dear/m: budget_spent",
      "unpriced/m: budget_spent",
      "long/m: budget_spent",
      "thinks/m: budget_spent",
      "free/m: try",
    ]);
  });

  it("the others may when all that are spent have begun anew", () => {
    const both = [...spent, budget(5, { until: until + 100, per: "month" }), budget(4.2)];
    expect(planned([dear], both)[0]?.skip).toEqual({
      candidate: "dear/m",
      reason: "budget_spent",
      until: until + 100,
      detail: "$5 of $5 per month spent (key-00000001)",
    });
  });

  it("a free one is asked although it was silent lately, and no other is", () => {
    const unreachable = (name: string) => (name === "free" ? { reason: "silent", until: 1 } : null);
    expect(told(planned([dear, free], spent, { known: { unreachable } }))).toEqual([
      "dear/m: budget_spent",
      "free/m: try",
    ]);
  });

  it("what a candidate lacks is told first: a new window would not help there", () => {
    const facts = { tools: false, price: aPrice(1, 1) };
    const request = { ...asked, tools: [{ type: "function", function: { name: "f" } }] };
    expect(told(planned([aCandidate("toolless/m", { facts })], spent, { request }))).toEqual([
      "toolless/m: lacks_tools",
    ]);
  });

  it("nobody serves an app that wants no other than a first that costs", () => {
    const steps = planned([dear, free], spent, { planned: { noFallback: true } });
    expect(told(steps)).toEqual(["dear/m: budget_spent", "free/m: no_fallback"]);
  });
});

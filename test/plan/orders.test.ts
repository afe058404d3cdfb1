import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/contract/route.ts";
import { cheapest } from "../../src/plan/orders/cheapest.ts";
import { fastest } from "../../src/plan/orders/fastest.ts";
import type { Speed } from "../../src/contract/speed.ts";
import type { OrderView } from "../../src/plan/orders/order.ts";
import { priority } from "../../src/plan/orders/priority.ts";
import { sticky } from "../../src/plan/orders/sticky.ts";
import { weighted } from "../../src/plan/orders/weighted.ts";
import { aCandidate } from "./a-candidate.ts";

const a = aCandidate("a/m", { weight: 1 });
const b = aCandidate("b/m", { weight: 3 });
const c = aCandidate("c/m", { weight: 6 });

function view(more: Partial<OrderView> = {}): OrderView {
  return {
    seed: "decision",
    requestKey: "user-1",
    costOf: () => null,
    speedOf: () => null,
    answerTokens: 100,
    ...more,
  };
}

function ids(candidates: readonly Candidate[]): string {
  return candidates.map(({ id }) => id[0]).join("");
}

function by<T>(values: Readonly<Record<string, T>>): (candidate: Candidate) => T | null {
  return ({ account }) => values[account.name] ?? null;
}

/** How often each candidate comes first over many seeds. */
function firsts(order: (index: number) => readonly Candidate[], rounds: number) {
  const counts = new Map<string, number>();
  for (let index = 0; index < rounds; index += 1) {
    const first = order(index)[0]?.account.name ?? "";
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  return { a: counts.get("a") ?? 0, b: counts.get("b") ?? 0, c: counts.get("c") ?? 0 };
}

describe("priority", () => {
  it("is the order of the config", () => {
    expect(ids(priority([b, a, c], view()))).toBe("bac");
  });
});

describe("cheapest", () => {
  it("goes by the expected cost, and what has no known price comes last, never first", () => {
    const costOf = by({ a: 30, c: 10 });
    expect(ids(cheapest([b, a, c], view({ costOf })))).toBe("cab");
  });

  it("keeps the order of the config among equals", () => {
    expect(ids(cheapest([c, a, b], view({ costOf: () => 5 })))).toBe("cab");
    expect(ids(cheapest([c, a, b], view()))).toBe("cab");
  });
});

describe("fastest", () => {
  const speed = (firstTokenMs: number, tokensPerSecond: number): Speed => ({
    firstTokenMs,
    tokensPerSecond,
    at: 0,
  });
  const speedOf = by({ a: speed(100, 10), b: speed(900, 200) });

  it("weighs the wait for the first token against the pace of what follows", () => {
    expect(ids(fastest([a, b], view({ speedOf, answerTokens: 5 })))).toBe("ab");
    expect(ids(fastest([a, b], view({ speedOf, answerTokens: 1_000 })))).toBe("ba");
  });

  it("sends some requests to a candidate that was not measured lately, and no others", () => {
    const counts = firsts(
      (index) => fastest([a, b, c], view({ speedOf, answerTokens: 1_000, seed: `d${index}` })),
      2_000,
    );
    expect(counts.c).toBeGreaterThan(50);
    expect(counts.c).toBeLessThan(160);
    expect(counts.a).toBe(0);
  });
});

describe("weighted", () => {
  it("puts each candidate first as often as its weight says", () => {
    const counts = firsts((index) => weighted([a, b, c], view({ seed: `d${index}` })), 10_000);
    expect(counts.a / 10_000).toBeCloseTo(0.1, 1);
    expect(counts.b / 10_000).toBeCloseTo(0.3, 1);
    expect(counts.c / 10_000).toBeCloseTo(0.6, 1);
  });

  it("is the same for the same decision", () => {
    expect(ids(weighted([a, b, c], view()))).toBe(ids(weighted([a, b, c], view())));
  });

  it("loses no candidate", () => {
    expect(
      ids(weighted([a, b, c], view()))
        .split("")
        .toSorted()
        .join(""),
    ).toBe("abc");
  });
});

describe("sticky", () => {
  const order = (requestKey: string, candidates = [a, b, c]) =>
    ids(sticky(candidates, view({ requestKey })));

  it("is the same for requests of the same key, whatever the decision", () => {
    expect(ids(sticky([a, b, c], view({ seed: "1" })))).toBe(
      ids(sticky([a, b, c], view({ seed: "2" }))),
    );
  });

  it("spreads keys by weight", () => {
    const counts = firsts(
      (index) => sticky([a, b, c], view({ requestKey: `user-${index}` })),
      10_000,
    );
    expect(counts.c / 10_000).toBeCloseTo(0.6, 1);
    expect(counts.a / 10_000).toBeCloseTo(0.1, 1);
  });

  it("moves no key between the candidates that stay when one goes", () => {
    for (let index = 0; index < 200; index += 1) {
      const key = `user-${index}`;
      expect(order(key, [a, b])).toBe(order(key).replace("c", ""));
    }
  });
});

import { describe, expect, it } from "vitest";
import type { ProviderProbe, ToldModels } from "../../src/contract/provider.ts";
import type { Candidate, ModelFacts } from "../../src/contract/route.ts";
import { ListingBoard } from "../../src/ops/listings.ts";
import { ReadinessBoard } from "../../src/ops/readiness.ts";
import { aCandidate, aPrice } from "../plan/a-candidate.ts";

const hourMs = 60 * 60_000;

/** A board, the time, and accounts that tell when they are asked. */
function setUp() {
  let now = 1_000_000;
  const clock = { now: () => now };
  const refuse = (): Promise<Response> => Promise.reject(new Error("no network here"));
  const listings = new ListingBoard({ clock, fetch: refuse });
  const readiness = new ReadinessBoard({
    clock,
    fetch: refuse,
    listings,
    staleAfterMs: 10_000,
    refreshed: false,
  });
  const probes: ProviderProbe[] = [];
  const telling = (
    id: string,
    tell: () => ToldModels | null | Promise<ToldModels | null>,
    { unasked = true, ...more }: Parameters<typeof aCandidate>[1] & { unasked?: boolean } = {},
  ): Candidate => {
    const { account, ...plain } = aCandidate(id, more);
    if (account.provider === null) throw new Error("it has a provider");
    const read = async (probe: ProviderProbe): Promise<ToldModels | null> => {
      probes.push(probe);
      return tell();
    };
    const provider = { ...account.provider, listing: { unasked, read } };
    return { ...plain, account: { ...account, provider } };
  };
  const freshen = (...candidates: readonly Candidate[]) => listings.freshen([{ candidates }]);
  const look = (...candidates: readonly Candidate[]) => listings.look([{ candidates }]);
  const pass = (ms: number): void => {
    now += ms;
  };
  return { listings, readiness, probes, telling, freshen, look, pass, now: () => now };
}

const small: ToldModels = new Map([["m", { contextWindow: 4_096 }]]);
const known: Partial<ModelFacts> = { contextWindow: 8_192, tools: true, price: aPrice(1, 2) };

describe("what a provider says of its model", () => {
  it("fills what is unknown, and goes before what was built in, but not before the config", async () => {
    const { readiness, telling, freshen } = setUp();
    const told = new Map([
      ["m", { contextWindow: 4_096, maxOutput: 512, tools: false, images: null }],
    ]);
    const one = telling("a/m", () => told, {
      facts: { contextWindow: 128_000, tools: true, images: true, price: null },
      stated: { tools: true },
    });
    expect(readiness.facts(one)).toBe(one.facts);
    await freshen(one);
    expect(readiness.facts(one)).toMatchObject({
      contextWindow: 4_096,
      maxOutput: 512,
      tools: true,
      images: true,
      price: null,
    });
    expect(readiness.explained(one)).toMatchObject({
      contextWindow: { value: 4_096, from: "listing" },
      tools: { value: true, from: "config" },
      images: { value: true, from: "catalogue" },
      price: { value: null, from: "unknown" },
    });
  });

  it("is not kept over a change of the config, nor taken from an answer that comes after it", async () => {
    const { listings, readiness, telling, freshen, now } = setUp();
    let answer: (told: ToldModels) => void = () => undefined;
    const one = telling("a/m", () => new Promise((resolve) => (answer = resolve)));
    const asking = freshen(one);
    listings.forget();
    answer(small);
    await asking;
    expect(readiness.facts(one)).toBe(one.facts);
    expect(listings.isDue(now())).toBe(true);
  });
});

describe("a listing", () => {
  it("is asked for once in an hour, by the models that the config names", async () => {
    const { listings, probes, telling, freshen, pass, now } = setUp();
    const tell = () => small;
    const [one, other] = [telling("a/m", tell), telling("a/n", tell)];
    const anything = telling("a/*", tell);
    await freshen(one, other, anything);
    await freshen(one, other, anything);
    expect(probes.map(({ models }) => models)).toEqual([["m", "n"]]);
    pass(hourMs - 1);
    expect(listings.isDue(now())).toBe(false);
    pass(1);
    expect(listings.isDue(now())).toBe(true);
    await freshen(one);
    expect(probes).toHaveLength(2);
  });

  it("is asked for by one request of several, and by another where that was cut off", async () => {
    const { listings, probes, telling, freshen, pass, now } = setUp();
    const one = telling("a/m", () => new Promise(() => undefined));
    const other = telling("b/m", () => small);
    void freshen(one, other);
    await freshen(one, other);
    expect(probes).toHaveLength(1);
    pass(30_000);
    expect(listings.isDue(now())).toBe(true);
    await freshen(one, other);
    expect(probes).toHaveLength(2);
  });

  it("is not asked for where all that decides is known, nor on the operator's own machine", async () => {
    const { listings, probes, telling, freshen, look, now } = setUp();
    const tell = () => small;
    const complete = telling("a/m", tell, { facts: known });
    const here = telling("b/m", tell);
    const local: Candidate = { ...here, account: { ...here.account, local: true } };
    await freshen(complete, local, aCandidate("c/m"));
    await look(complete, local, aCandidate("c/m"));
    expect(probes).toEqual([]);
    expect(listings.isDue(now() + 100 * hourMs)).toBe(false);
  });

  it("of whom may be anybody is asked for only where an operator looks", async () => {
    const { readiness, probes, telling, freshen, look } = setUp();
    const one = telling("a/m", () => small, { unasked: false });
    await freshen(one);
    expect(probes).toEqual([]);
    await look(one);
    expect(readiness.facts(one).contextWindow).toBe(4_096);
  });

  it("that could not be read is asked for again after five minutes, and others are not", async () => {
    const { listings, readiness, probes, telling, freshen, pass, now } = setUp();
    let said: ToldModels | null = null;
    const [one, other] = [telling("a/m", () => said), telling("b/m", () => small)];
    await freshen(one, other);
    expect(probes).toHaveLength(2);
    pass(5 * 60_000 - 1);
    expect(listings.isDue(now())).toBe(false);
    pass(1);
    expect(listings.isDue(now())).toBe(true);
    said = small;
    await freshen(one, other);
    expect(probes).toHaveLength(3);
    expect(readiness.facts(one).contextWindow).toBe(4_096);
    pass(55 * 60_000 - 1);
    expect(listings.isDue(now())).toBe(false);
  });

  it("that cannot be read changes nothing, and is not asked for with every request", async () => {
    const { readiness, probes, telling, freshen, pass } = setUp();
    let said: ToldModels | null = small;
    const one = telling("a/m", () => said);
    await freshen(one);
    said = null;
    pass(hourMs);
    await freshen(one);
    await freshen(one);
    expect(probes).toHaveLength(2);
    expect(readiness.facts(one).contextWindow).toBe(4_096);
    expect(readiness.unreachable("a", 1_000_000)).toBeNull();
    expect(readiness.list([one.account])).toMatchObject([{ name: "a", ready: true, reason: null }]);
  });
});

describe("a server on the operator's own machine", () => {
  it("tells of its models where it is asked whether it is there", async () => {
    const { readiness } = setUp();
    const { account, ...plain } = aCandidate("a/m");
    if (account.provider === null) throw new Error("it has a provider");
    const check = async () => ({ ready: true, models: ["m"], told: small }) as const;
    const local = { ...account, local: true, provider: { ...account.provider, check } };
    await readiness.checkLocal([local], () => ["m"]);
    expect(readiness.facts({ ...plain, account: local }).contextWindow).toBe(4_096);
  });
});

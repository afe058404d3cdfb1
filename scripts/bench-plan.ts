import {
  defaultBreaker,
  defaultRetries,
  defaultTimeouts,
  plainCandidate,
  plainRoute,
} from "../src/config/defaults.ts";
import { unknownFacts } from "../src/config/models.ts";
import { resolveStreaming } from "../src/config/streaming.ts";
import { Switchboard } from "../src/circuit/switchboard.ts";
import type { Candidate, Order, Route } from "../src/contract/route.ts";
import { ListingBoard } from "../src/ops/listings.ts";
import { ReadinessBoard } from "../src/ops/readiness.ts";
import type { Standing } from "../src/plan/budget.ts";
import { nothingKnown } from "../src/plan/knowledge.ts";
import { matchRoute } from "../src/plan/match-route.ts";
import { planRequest } from "../src/plan/plan-request.ts";
import { openAiCompatibleProvider } from "./simulated-provider.ts";

/*
 * What planning costs: a config of 50 routes × 10 candidates beside one of 1 × 2, in the same process
 * and interleaved, so that both meet the same machine. Prints the median and the 99th percentile per plan.
 */

const perSample = 200;
const samples = 300;

function candidate(route: number, index: number): Candidate {
  const name = `p${index}`;
  const provider = openAiCompatibleProvider(name);
  const rate = (base: number) => ({ base, above: [] });
  return {
    id: `${name}/m${route}`,
    account: { name, kind: "openai-compatible", local: false, provider, missing: null },
    model: `m${route}`,
    timeouts: defaultTimeouts,
    ...plainCandidate,
    weight: index + 1,
    facts: {
      ...unknownFacts,
      contextWindow: 128_000,
      maxOutput: 16_384,
      tools: true,
      images: index % 2 === 0,
      price: {
        input: rate(index),
        output: rate(index * 4),
        cachedInput: null,
        cacheWrite: null,
        reasoning: null,
      },
    },
  };
}

/** What is planned: an order, and whether a budget near its end turns to the cheapest. */
interface Case {
  readonly name: string;
  readonly order: Order;
  readonly budget: Standing | null;
}

const nearItsEnd: Standing = {
  near: [
    {
      allowance: {
        scope: "bench",
        limitMicroUsd: 100_000_000,
        per: "day",
        key: null,
        route: null,
        cheaperFrom: 0.8,
      },
      until: 1e12,
      spentMicroUsd: 90_000_000,
    },
  ],
  spent: [],
};

const cases: readonly Case[] = [
  ...(["priority", "cheapest", "fastest", "weighted", "sticky"] as const).map((order) => ({
    name: order,
    order,
    budget: null,
  })),
  { name: "priority, budget near its end", order: "priority", budget: nearItsEnd },
];

/** As an isolate has it: the config's word, what each provider has listed, the catalogue. */
function knowing(routes: Iterable<Route>): ReadinessBoard {
  const edges = {
    clock: { now: () => 0 },
    fetch: () => Promise.reject(new Error("nobody is asked")),
  };
  const listings = new ListingBoard(edges);
  for (const { candidates } of routes) {
    for (const { account, model } of candidates) {
      listings.note(account.name, new Map([[model, { audio: false }]]));
    }
  }
  return new ReadinessBoard({ ...edges, listings, staleAfterMs: 1, refreshed: false });
}

function planner(routes: number, candidates: number, { order, budget }: Case): () => number {
  const circuits = new Switchboard(() => 0.5);
  const byName = new Map(
    Array.from({ length: routes }, (_, route): [string, Route] => [
      `r${route}`,
      {
        name: `r${route}`,
        candidates: Array.from({ length: candidates }, (_one, index) => candidate(route, index)),
        timeouts: defaultTimeouts,
        breaker: defaultBreaker,
        streaming: resolveStreaming(null),
        retries: defaultRetries,
        ...plainRoute,
        order,
      },
    ]),
  );
  const board = knowing(byName.values());
  const health = {
    ...nothingKnown,
    facts: (one: Candidate) => board.facts(one),
    speed: ({ id }: Candidate) => ({ firstTokenMs: id.length, tokensPerSecond: 50, at: 0 }),
    circuit: (one: Candidate, now: number) => circuits.consider(one, now),
    unreachable: () => null,
    reading: () => null,
  };
  const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
  let turn = 0;
  return () => {
    turn += 1;
    const request = {
      model: `r${turn % routes}`,
      messages: [
        { role: "system", content: "You are a cook who answers briefly." },
        { role: "user", content: "What goes well with leeks, and why? ".repeat(10) },
      ],
      tools,
      max_tokens: 500,
    };
    const match = matchRoute((model) => byName.get(model) ?? null, request.model, null);
    if (!match.found) throw new Error("no route");
    const planned = {
      now: turn,
      noFallback: false,
      random: () => 0.5,
      request,
      decision: `d${turn}`,
      budget,
    };
    return planRequest(match.route, health, planned).steps.length;
  };
}

function measure(plan: () => number): number {
  const began = performance.now();
  for (let round = 0; round < perSample; round += 1) plan();
  return ((performance.now() - began) * 1000) / perSample;
}

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1).padStart(6);
}

for (const one of cases) {
  const small = planner(1, 2, one);
  const large = planner(50, 10, one);
  for (let warm = 0; warm < 20; warm += 1) [small, large].map(measure);
  const seen: Record<"small" | "large", number[]> = { small: [], large: [] };
  for (let sample = 0; sample < samples; sample += 1) {
    seen.small.push(measure(small));
    seen.large.push(measure(large));
  }
  for (const [name, figures] of [
    ["1 × 2  ", seen.small],
    ["50 × 10", seen.large],
  ] as const) {
    const sorted = figures.toSorted((a, b) => a - b);
    console.log(
      `${one.name.padEnd(29)} ${name}  median ${at(sorted, 0.5)} µs  p99 ${at(sorted, 0.99)} µs`,
    );
  }
}

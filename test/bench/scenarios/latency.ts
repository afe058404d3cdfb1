import { interleave, median, type Entrant, type Figure } from "../figures.ts";
import { timed, type Timed } from "../one-request.ts";
import type { Ask } from "../load.ts";
import type { Gateway, Lifeboat, Subject, Upstream } from "../subjects.ts";

interface Size {
  readonly requests: number;
  readonly rounds: number;
}

async function repeated(count: number, ask: (n: number) => Ask): Promise<Timed[]> {
  const all: Timed[] = [];
  for (let n = 0; n < count; n += 1) all.push(await timed(ask(n)));
  return all;
}

const medianOf = (all: readonly Timed[], pick: (one: Timed) => number): number =>
  median(all.map(pick));

/** One stream at a time: when its first token comes, and how long each chunk is on its way. */
export async function streams(
  subjects: readonly Subject[],
  { requests, rounds }: Size,
): Promise<Figure[]> {
  const first: Entrant[] = subjects.map((subject) => ({
    name: subject.name,
    measure: async () => {
      const all = await repeated(requests, () => subject.ask("stream"));
      return { "time to first token [ms]": medianOf(all, (one) => one.firstTokenMs ?? Number.NaN) };
    },
  }));
  const paced: Entrant[] = subjects.map((subject) => ({
    name: subject.name,
    measure: async () => {
      const all = await repeated(2, () => subject.ask("paced"));
      return { "a chunk's way [ms]": median(all.flatMap(({ onTheWayMs }) => onTheWayMs)) };
    },
  }));
  return [
    ...(await interleave("one stream at a time", first, rounds)),
    ...(await interleave("a chunk every 5 ms", paced, rounds)),
  ];
}

const failoverScenario = "failover, one request at a time";

/** What a failover on 429 adds to a request, the first time and once the circuit is open. */
export async function failover(
  lifeboats: readonly Lifeboat[],
  others: readonly Gateway[],
  { requests, rounds }: Size,
): Promise<Figure[]> {
  const entrants: Entrant[] = [...lifeboats, ...others].flatMap((subject) => {
    const { name } = subject;
    const failing = (round: number, n: number): Ask => subject.failover(`${round}-${n}`);
    const kinds = [
      { kind: "no failure", ask: () => subject.ask("answer-1k") },
      { kind: "429 first", ask: failing },
      // Asked for the second time, so its circuit is open.
      ...("databaseFile" in subject ? [{ kind: "circuit open", ask: failing }] : []),
    ];
    return kinds.map(({ kind, ask }) => ({
      name: `${name}, ${kind}`,
      measure: async (round: number) => {
        const all = await repeated(requests, (n) => ask(round, n));
        return { "latency [ms]": medianOf(all, ({ totalMs }) => totalMs) };
      },
    }));
  });
  return interleave(failoverScenario, entrants, rounds);
}

/** How often an upstream whose circuit is open is called; must be 0. */
export async function callsWhileOpen(lifeboat: Lifeboat, upstream: Upstream): Promise<number> {
  await timed(lifeboat.failover("held-open"));
  const before = (await upstream.calls())["limited"] ?? 0;
  await repeated(20, () => lifeboat.failover("held-open"));
  return ((await upstream.calls())["limited"] ?? 0) - before;
}

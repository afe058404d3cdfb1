import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { interleave, figureOf, type Entrant, type Figure } from "../figures.ts";
import type { Ask } from "../load.ts";
import { timed } from "../one-request.ts";
import type { Lifeboat, Subject } from "../subjects.ts";
import { carried } from "./throughput.ts";

export interface Starting {
  readonly name: string;
  /** Starts a new process; gives what to ask it, and how to end it. */
  start(home: string): Promise<{ ask: Ask; stop(): Promise<void> }>;
}

/** From the start of a new process to the end of its first answer. */
export async function coldStart(
  starting: readonly Starting[],
  home: string,
  rounds: number,
): Promise<Figure[]> {
  const entrants: Entrant[] = starting.map((one) => ({
    name: one.name,
    measure: async () => {
      const started = performance.now();
      const process = await one.start(mkdtempSync(join(home, "cold-")));
      await untilAnswered(process.ask);
      const ms = performance.now() - started;
      await process.stop();
      return { "start to first answer [ms]": ms };
    },
  }));
  return interleave("cold start", entrants, rounds);
}

const longestStartMs = 20_000;

async function untilAnswered(ask: Ask): Promise<void> {
  const until = performance.now() + longestStartMs;
  for (;;) {
    try {
      await timed(ask);
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

/** Memory after many requests, and whether they become dearer as decisions pile up. */
export async function endurance(
  subjects: readonly Subject[],
  { requests, parts }: { requests: number; parts: number },
): Promise<Figure[]> {
  const memory = new Map<string, number[]>();
  const entrants: Entrant[] = subjects.map((subject) => ({
    name: subject.name,
    measure: async () => {
      const size = { requests: Math.round(requests / parts), connections: 20 };
      const sample = await carried(subject, subject.ask("answer-1k"), size);
      const mb = subject.cost()?.memoryMb ?? Number.NaN;
      memory.set(subject.name, [...(memory.get(subject.name) ?? []), mb]);
      return sample;
    },
  }));
  const scenario = `${requests} requests`;
  // The first part, which warms up, counts among the requests.
  const figures = await interleave(scenario, entrants, parts - 1);
  const memories = [...memory].flatMap(([subject, values]) => [
    figureOf({ scenario, subject }, "memory after the first part [MB]", values.slice(0, 1)),
    figureOf({ scenario, subject }, "memory at the end [MB]", values.slice(-1)),
  ]);
  return [...figures, ...memories];
}

/** What a request costs as the config grows. */
export async function configSize(
  lifeboats: readonly Lifeboat[],
  { requests, rounds }: { requests: number; rounds: number },
): Promise<Figure[]> {
  const entrants: Entrant[] = lifeboats.map((lifeboat) => ({
    name: lifeboat.name,
    measure: () => carried(lifeboat, lifeboat.ask("answer-1k"), { requests, connections: 20 }),
  }));
  return interleave("size of the config", entrants, rounds);
}

import { interleave, type Entrant, type Figure, type Sample } from "../figures.ts";
import { load, type Ask, type Load } from "../load.ts";
import type { Answer, Subject } from "../subjects.ts";

/** One load on one subject: what it carried and what a request cost the process. */
export async function carried(subject: Subject, ask: Ask, size: Load): Promise<Sample> {
  const before = subject.cost();
  const { perSecond, medianMs } = await load(ask, size);
  const after = subject.cost();
  const cpuMs = before === null || after === null ? Number.NaN : after.cpuMs - before.cpuMs;
  return {
    "requests/s": perSecond,
    "CPU per request [µs]": (cpuMs * 1000) / size.requests,
    "latency under load [ms]": medianMs,
  };
}

interface Case {
  readonly scenario: string;
  readonly answer: Answer;
  readonly promptBytes: number;
  /** Big bodies are sent less often, so that each case takes about as long. */
  readonly share: number;
}

const kb = 1024;
const cases: readonly Case[] = [
  { scenario: "prompt 1 KB, answer 1 KB", answer: "answer-1k", promptBytes: kb, share: 1 },
  { scenario: "prompt 1 KB, answer 100 KB", answer: "answer-100k", promptBytes: kb, share: 0.5 },
  {
    scenario: "prompt 100 KB, answer 1 KB",
    answer: "answer-1k",
    promptBytes: 100 * kb,
    share: 0.4,
  },
  { scenario: "prompt 1 MB, answer 1 KB", answer: "answer-1k", promptBytes: kb * kb, share: 0.05 },
  { scenario: "stream of 100 chunks", answer: "stream", promptBytes: kb, share: 0.1 },
];

/** How much everybody carries, by the size of prompts and answers. */
export async function throughput(
  subjects: readonly Subject[],
  { requests, rounds }: { requests: number; rounds: number },
): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { scenario, answer, promptBytes, share } of cases) {
    const size = { requests: Math.max(20, Math.round(requests * share)), connections: 20 };
    const entrants: Entrant[] = subjects.map((subject) => ({
      name: subject.name,
      measure: () => carried(subject, subject.ask(answer, promptBytes), size),
    }));
    figures.push(...(await interleave(scenario, entrants, rounds)));
  }
  return figures;
}

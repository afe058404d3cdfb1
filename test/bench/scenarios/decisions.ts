import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { figureOf, type Figure } from "../figures.ts";
import { timed } from "../one-request.ts";
import type { Lifeboat } from "../subjects.ts";

/** Later than this after the last answer a decision counts as lost. */
const longestWaitMs = 15_000;

/** Sends requests, and looks for the decision of each in the database. */
export async function decisionsLogged(lifeboat: Lifeboat, requests: number): Promise<Figure[]> {
  const database = new DatabaseSync(lifeboat.databaseFile, { readOnly: true });
  const count = database.prepare("select count(*) as n from decisions");
  const written = (): number => Number(count.get()?.["n"] ?? 0);
  const earlier = written();
  const wanted = new Set<string>();
  let behind = 0;
  const started = performance.now();
  await inParallel(requests, 20, async () => {
    const { decision } = await timed(lifeboat.ask("answer-1k"));
    if (decision !== null) wanted.add(decision);
    if (wanted.size % 500 === 0) behind = Math.max(behind, wanted.size - (written() - earlier));
  });
  const answeredAt = performance.now();
  while (written() - earlier < requests && performance.now() - answeredAt < longestWaitMs) {
    await pause(10);
  }
  const lateMs = performance.now() - answeredAt;
  const find = database.prepare("select 1 from decisions where id = ?");
  const found = [...wanted].filter((id) => find.get(id) !== undefined).length;
  database.close();
  const of = { scenario: `${requests} decisions logged`, subject: lifeboat.name };
  return [
    figureOf(of, "decisions with an id of their own", [wanted.size]),
    figureOf(of, "of these in D1", [found]),
    figureOf(of, "the last one written after the last answer [ms]", [lateMs]),
    figureOf(of, "most decisions waiting at once", [behind]),
    figureOf(of, "requests/s", [(requests * 1000) / (answeredAt - started)]),
  ];
}

async function inParallel(count: number, lanes: number, work: () => Promise<void>): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

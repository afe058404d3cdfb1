import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { figureOf, type Figure } from "../figures.ts";
import { timed } from "../one-request.ts";
import type { Lifeboat } from "../subjects.ts";

/** Later than this after the last answer a decision counts as lost. */
const longestWaitMs = 15_000;

/**
 * Sends requests, and looks for the decision of each in the database by its id: how many rows there
 * are says nothing, since decisions of earlier requests may still be on their way.
 */
export async function decisionsLogged(lifeboat: Lifeboat, requests: number): Promise<Figure[]> {
  const database = new DatabaseSync(lifeboat.databaseFile, { readOnly: true });
  const find = database.prepare("select 1 from decisions where id = ?");
  const missing = new Set<string>();
  const forgetWritten = (): void => {
    for (const id of missing) if (find.get(id) !== undefined) missing.delete(id);
  };
  let own = 0;
  let behind = 0;
  const started = performance.now();
  await inParallel(requests, 20, async () => {
    const { decision } = await timed(lifeboat.ask("answer-1k"));
    if (decision === null) return;
    own += 1;
    missing.add(decision);
    if (own % 500 === 0) {
      forgetWritten();
      behind = Math.max(behind, missing.size);
    }
  });
  const answeredAt = performance.now();
  for (;;) {
    forgetWritten();
    if (missing.size === 0 || performance.now() - answeredAt > longestWaitMs) break;
    await pause(5);
  }
  const lateMs = performance.now() - answeredAt;
  database.close();
  // An isolate that stands alone is spared what it would cost to keep in step with the others.
  if (lifeboat.output().includes("fleet_unreachable")) throw new Error(lifeboat.output());
  const of = { scenario: `${requests} decisions logged`, subject: lifeboat.name };
  return [
    figureOf(of, "decisions answered with", [own]),
    figureOf(of, "of these in D1", [own - missing.size]),
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

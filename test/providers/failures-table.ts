import { classifyRow, composedRows, knownRows, mistakes, type FailureRow } from "./failure-rows.ts";

/** Prints how many rows are read right, by provider and by class, as Markdown. */

interface Score {
  right: number;
  all: number;
}

function scores(
  rows: readonly FailureRow[],
  by: (row: FailureRow) => string,
): ReadonlyMap<string, Score> {
  const found = new Map<string, Score>();
  for (const row of rows) {
    const score = found.get(by(row)) ?? { right: 0, all: 0 };
    found.set(by(row), score);
    score.all += 1;
    if (mistakes(row, classifyRow(row)).length === 0) score.right += 1;
  }
  return found;
}

const shown = (score: Score | undefined): string =>
  score === undefined ? "–" : `${score.right} / ${score.all}`;

function table(title: string, by: (row: FailureRow) => string): void {
  const known = scores(knownRows, by);
  const composed = scores(composedRows, by);
  console.log(`| ${title} | known rows | composed rows |\n|---|---|---|`);
  for (const name of [...new Set([...known.keys(), ...composed.keys()])].sort()) {
    console.log(`| ${name} | ${shown(known.get(name))} | ${shown(composed.get(name))} |`);
  }
  console.log();
}

table("provider", ({ provider }) => provider);
table("class", ({ expected }) => expected.class);
table("all", () => "all");

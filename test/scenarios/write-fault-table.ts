import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Decision } from "../../src/contract/decision.ts";
import { repository } from "./start-router.ts";

/** One measured cell of the fault matrix. */
export interface Row {
  readonly fault: string;
  readonly dialect: "openai" | "ollama";
  readonly stream: boolean;
  readonly view: "own" | "other" | "error";
  readonly error: string | null;
  readonly ms: number;
  readonly decision: Decision;
}

const page = join(repository, "docs/streams.md");
const marks = ["<!-- measured: faults -->", "<!-- end of what was measured -->"] as const;

/** Puts the measured table in the place of the one in the docs. */
export async function writeTable(rows: readonly Row[]): Promise<void> {
  const text = await readFile(page, "utf8");
  const [before, rest = ""] = text.split(marks[0]);
  const [, after] = rest.split(marks[1]);
  const lines = [
    "| upstream does | speaks | the app asks for | the app gets | ms | decision | attempts |",
    "| --- | --- | --- | --- | --: | --- | --- |",
    ...rows.map(lineOf),
  ];
  await writeFile(page, `${before}${marks[0]}\n\n${lines.join("\n")}\n\n${marks[1]}${after ?? ""}`);
}

function lineOf({ fault, dialect, stream, view, error, ms, decision }: Row): string {
  const gets = {
    own: "its whole text",
    other: "the whole text of the next candidate",
    error: `the text so far, then an error (\`${error}\`)`,
  }[view];
  const skips = decision.skipped.map(({ reason }) => `not asked: ${reason}`);
  const made = decision.attempts.map(({ outcome, code }) =>
    code === null || outcome === "ok" ? outcome : `${outcome} (\`${code}\`)`,
  );
  const attempts = [...skips, ...made];
  const noted = decision.malformedEvents > 0 ? `, ${decision.malformedEvents} left out` : "";
  const asked = stream ? "a stream" : "one piece";
  const speaks = dialect === "openai" ? "OpenAI SSE" : "Ollama NDJSON";
  const cells = [fault, speaks, asked, gets, ms, `${decision.outcome}${noted}`];
  return `| ${[...cells, attempts.join(", ")].join(" | ")} |`;
}

import { describe, expect, it } from "vitest";
import { providerKinds } from "../../providers/index.ts";
import { errorInSuccess } from "../../providers/shared/error-in-success.ts";
import { failureOfAttempt } from "./attempt-row.ts";
import {
  answerRows,
  bodyText,
  classifyRow,
  composedRows,
  hostileRows,
  knownRows,
  mistakes,
  type FailureRow,
} from "./failure-rows.ts";

/** Rows that we believe wrong, with the reason; each is still read, and must still differ. */
const doubted: ReadonlyMap<string, string> = new Map([]);

const rows = [...knownRows, ...composedRows, ...hostileRows];

describe("a failure is read as what it is", () => {
  it.each(rows.filter(({ id }) => !doubted.has(id)))("$provider: $id", (row) => {
    expect(mistakes(row, classifyRow(row))).toEqual([]);
  });

  it("there is a kind for every provider that is known to fail, and no row twice", () => {
    expect(rows.filter(({ provider }) => !providerKinds.has(provider))).toEqual([]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    expect(knownRows.length).toBeGreaterThan(350);
  });

  it("no row stays doubted that is read as it says", () => {
    const doubts = rows.filter(({ id }) => doubted.has(id));
    expect(doubts.filter((row) => mistakes(row, classifyRow(row)).length === 0)).toEqual([]);
    expect(doubts).toHaveLength(doubted.size);
  });
});

/** Dialects that no adapter speaks, so that the relay never meets their success. */
const isNative = ({ api }: { api: string }): boolean => !api.startsWith("chat.completions");

describe("a failure that came with a success", () => {
  const inSuccess = rows.filter(({ where }) => where === "body200" || where === "stream");

  it.each(inSuccess)("$provider: $id ends the attempt, whatever was asked for", async (row) => {
    for (const stream of [false, true]) {
      const failure = await failureOfAttempt(row, stream);
      expect(failure).not.toBeNull();
      if (failure !== null && !isNative(row)) expect(wrongClass(row, failure.class)).toBeNull();
    }
  });
});

function wrongClass({ expected }: FailureRow, actual: string): string | null {
  const classes: string[] = [expected.class, ...(expected.alsoAcceptable ?? [])];
  return classes.includes(actual) ? null : actual;
}

describe("an answer is never taken for a failure", () => {
  it.each(answerRows.filter((row) => !isNative(row)))("$provider: $id", async (row) => {
    for (const stream of [false, true]) expect(await failureOfAttempt(row, stream)).toBeNull();
  });

  it.each(answerRows.filter((row) => row.where === "http"))(
    "$provider: $id says of itself that it is none",
    (row) => {
      expect(errorInSuccess(bodyText(row))).toBeNull();
    },
  );
});

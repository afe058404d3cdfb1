import { readFileSync } from "node:fs";
import { join } from "node:path";
import { providerKinds } from "../../providers/index.ts";
import type { Failure, FailureClass, Sighting } from "../../src/contract/failure.ts";

/** One failure as somebody met it, and how it must be read. */
export interface FailureRow {
  readonly id: string;
  /** The kind's name. */
  readonly provider: string;
  /** The dialect that was spoken, as `chat.completions` or `messages`. */
  readonly api: string;
  readonly where: "http" | "body200" | "stream" | "network";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or a document; of a network failure the properties of the error. */
  readonly body: unknown;
  readonly expected: {
    readonly class: FailureClass;
    readonly retryAfterMs: number | null;
    readonly failover: boolean;
    readonly countsAgainstBreaker: boolean;
    readonly alsoAcceptable?: readonly FailureClass[];
  };
  /** When it was received, for waits that are instants. */
  readonly receivedAt?: string;
}

/** An answer that must not be taken for a failure. */
export interface AnswerRow extends Omit<FailureRow, "expected"> {
  readonly expected: null;
}

const fixtures = join(import.meta.dirname, "../fixtures");

function read(file: string): string {
  return readFileSync(join(fixtures, file), "utf8");
}

/** Met in the field or documented. */
export const knownRows: readonly FailureRow[] = JSON.parse(read("provider-errors.json"));
/** Composed before the rules were last widened. */
export const composedRows: readonly FailureRow[] = JSON.parse(read("provider-errors-heldout.json"));
/** The app's own faults that are told in the app's own words, as hostile as those can be. */
export const hostileRows: readonly FailureRow[] = JSON.parse(read("provider-errors-hostile.json"));
/** Answers that look like failures: known ones, and composed ones. */
export const answerRows: readonly AnswerRow[] = [
  ...JSON.parse(read("provider-errors-negative.json")),
  ...JSON.parse(read("provider-answers.json")),
];

/** The body as it went over the wire. */
export function bodyText({ body }: { readonly body: unknown }): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

const sometime = Date.UTC(2026, 0, 15, 12);

export function nowOf({ receivedAt }: { readonly receivedAt?: string }): number {
  return receivedAt === undefined ? sometime : Date.parse(receivedAt);
}

/** The row as the product meets it. */
function sightingOf(row: FailureRow): Sighting {
  const headers = new Headers(row.headers);
  const now = nowOf(row);
  const { status } = row;
  switch (row.where) {
    case "network":
      return { site: "network", error: row.body, now };
    case "stream":
      return { site: "stream", status, headers, data: bodyText(row), now };
    case "body200":
      return { site: "body", status, headers, body: bodyText(row), now };
    case "http":
      return { site: "http", status, headers, body: bodyText(row), now };
  }
}

/** Reads a row by the kind that it belongs to. */
export function classifyRow(row: FailureRow): Failure {
  const kind = providerKinds.get(row.provider);
  if (kind === undefined) throw new Error(`there is no kind ${row.provider}`);
  const account = { name: "up", baseUrl: "http://localhost/v1", apiKey: "key", headers: {} };
  return kind.connect(account).classify(sightingOf(row));
}

/** What is wrong with a reading; empty when it is right. */
export function mistakes({ expected }: FailureRow, failure: Failure): readonly string[] {
  const classes = [expected.class, ...(expected.alsoAcceptable ?? [])];
  if (!classes.includes(failure.class)) return [`class ${failure.class}`];
  // The expectations beside the class belong to it; another acceptable class has its own.
  if (failure.class !== expected.class) return [];
  const found: string[] = [];
  if (failure.failsOver !== expected.failover) found.push(`failsOver ${failure.failsOver}`);
  if ((failure.verdict === "failure") !== expected.countsAgainstBreaker) {
    found.push(`verdict ${failure.verdict}`);
  }
  if (!sameWait(failure.retryAfterMs, expected.retryAfterMs)) {
    found.push(`retryAfterMs ${failure.retryAfterMs}`);
  }
  return found;
}

function sameWait(actual: number | null, expected: number | null): boolean {
  if (actual === null || expected === null) return actual === expected;
  return Math.abs(actual - expected) <= 1;
}

import type {
  LimitDimension,
  LimitReading,
  LimitUnit,
  LimitWindow,
} from "../../src/contract/limits.ts";
import { parseReset } from "./durations.ts";
import { readIetf, windowOf } from "./ietf-limits.ts";

export interface HeaderReader {
  get(name: string): string | null;
}

/** The three headers that announce one dimension of an allowance. */
export interface LimitRow {
  readonly unit: LimitUnit;
  readonly window: LimitWindow;
  readonly remaining: string;
  readonly limit: string;
  readonly reset: string | null;
}

/** Where a kind announces its allowance. Few rows: each costs one look-up on every answer. */
export interface LimitHeaders {
  readonly rows: readonly LimitRow[];
  /** Whether the IETF fields `RateLimit` and `RateLimit-Policy` are looked for as well. */
  readonly ietf?: boolean;
}

/**
 * Reads what a provider said about what is left of our allowance; null when it said nothing.
 * Cheap: where a dimension is not announced it costs one header look-up.
 */
export function readLimits(
  { rows, ietf = false }: LimitHeaders,
  headers: HeaderReader,
  now: number,
): LimitReading | null {
  let dimensions: LimitDimension[] | null = null;
  for (const row of rows) {
    const dimension = readRow(row, headers, now);
    if (dimension !== null) (dimensions ??= []).push(dimension);
  }
  if (ietf) {
    const standard = readIetf(headers.get("ratelimit"), headers.get("ratelimit-policy"), now);
    if (standard !== null) (dimensions ??= []).push(...standard);
  }
  return dimensions === null ? null : { at: now, dimensions };
}

function readRow(row: LimitRow, headers: HeaderReader, now: number): LimitDimension | null {
  const remaining = amount(headers.get(row.remaining));
  if (remaining === null) return null;
  const reset = row.reset === null ? null : headers.get(row.reset);
  const limit = headers.get(row.limit);
  return {
    unit: row.unit,
    window: row.window === "unknown" ? windowIn(limit) : row.window,
    limit: limitIn(limit),
    remaining,
    resetAt: reset === null ? null : resetAt(reset, now),
  };
}

function resetAt(text: string, now: number): number | null {
  const at = parseReset(text, now);
  return at === null ? null : Math.round(at);
}

/** A plain number. Anything else, a negative one too, says nothing that plans can use. */
function amount(text: string | null): number | null {
  return text !== null && /^\s{0,4}\d{1,15}(?:\.\d{1,9})?\s{0,4}$/.test(text) ? Number(text) : null;
}

/** A limit with its policies behind it, as `100, 100;w=60, 5000;w=86400`: the first one counts. */
function limitIn(text: string | null): number | null {
  return text?.includes(";") === true ? amount(text.split(/[,;]/, 1)[0] ?? null) : amount(text);
}

/** The window of `100;w=60` or `100, 100;window=60`. */
function windowIn(limit: string | null): LimitWindow {
  const seconds = limit === null ? null : /;\s{0,4}w(?:indow)?=(\d{1,9})/.exec(limit);
  return windowOf(seconds === null ? null : Number(seconds[1]));
}

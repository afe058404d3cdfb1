import type {
  LimitDimension,
  LimitReading,
  LimitUnit,
  LimitWindow,
} from "../../src/contract/limits.ts";
import { parseReset } from "./durations.ts";

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
    const standard = readIetf(headers, now);
    if (standard !== null) (dimensions ??= []).push(standard);
  }
  return dimensions === null ? null : { at: now, dimensions };
}

function readRow(row: LimitRow, headers: HeaderReader, now: number): LimitDimension | null {
  const remaining = amount(headers.get(row.remaining));
  if (remaining === null) return null;
  const reset = row.reset === null ? null : headers.get(row.reset);
  return {
    unit: row.unit,
    window: row.window,
    limit: amount(headers.get(row.limit)),
    remaining,
    resetAt: reset === null ? null : resetAt(reset, now),
  };
}

function resetAt(text: string, now: number): number | null {
  const at = parseReset(text, now);
  return at === null ? null : Math.round(at);
}

function amount(text: string | null): number | null {
  if (text === null || text.trim() === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/**
 * `RateLimit: "p";r=50;t=30` with `RateLimit-Policy: "p";q=100;w=60`, and the older
 * `RateLimit: limit=100, remaining=50, reset=5`.
 * Source: https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
 */
function readIetf(headers: HeaderReader, now: number): LimitDimension | null {
  const field = headers.get("ratelimit");
  if (field === null || field.length > 500) return null;
  const policy = headers.get("ratelimit-policy") ?? "";
  const remaining = parameter(field, "r|remaining");
  if (remaining === null) return null;
  const seconds = parameter(field, "t|reset");
  return {
    unit: "requests",
    window: windowOf(parameter(policy, "w")),
    limit: parameter(policy, "q") ?? parameter(field, "limit"),
    remaining,
    resetAt: seconds === null ? null : now + seconds * 1_000,
  };
}

function parameter(field: string, names: string): number | null {
  const found = new RegExp(`(?:^|[;,\\s])(?:${names})=(\\d{1,12})`).exec(field);
  return found === null ? null : Number(found[1]);
}

function windowOf(seconds: number | null): LimitWindow {
  switch (seconds) {
    case 1:
      return "second";
    case 60:
      return "minute";
    case 3_600:
      return "hour";
    case 86_400:
      return "day";
    default:
      return "unknown";
  }
}

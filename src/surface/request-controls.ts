import { z } from "zod";
import { Refusal } from "../contract/refusal.ts";

/** What an app may ask for in headers, whatever dialect it speaks. */
export interface RequestControls {
  /** Shortens the deadline, ms; null leaves the route's. */
  readonly timeoutMs: number | null;
  readonly noFallback: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** How often the app's client had tried before; OpenAI's official clients say so. */
  readonly callerRetry: number | null;
}

const timeoutMs = z.coerce.number().int().positive();
const metadata = z.record(z.string().max(64), z.string().max(512));
const mostMetadata = 16;

/** Reads the `x-lifeboat-*` request headers; throws a 400 Refusal that names the header. */
export function readControls(headers: Headers): RequestControls {
  return {
    timeoutMs: readTimeout(headers.get("x-lifeboat-timeout-ms")),
    noFallback: readNoFallback(headers.get("x-lifeboat-no-fallback")),
    metadata: readMetadata(headers.get("x-lifeboat-metadata")),
    callerRetry: readCallerRetry(headers.get("x-stainless-retry-count")),
  };
}

function readTimeout(value: string | null): number | null {
  if (value === null) return null;
  const parsed = timeoutMs.safeParse(value);
  if (parsed.success) return parsed.data;
  throw wrongHeader("x-lifeboat-timeout-ms", "it must be a whole number of milliseconds above 0");
}

function readNoFallback(value: string | null): boolean {
  const said = value?.trim().toLowerCase() ?? "false";
  if (said === "true" || said === "1") return true;
  if (said === "false" || said === "0") return false;
  throw wrongHeader("x-lifeboat-no-fallback", "it must be true or false");
}

/** A header of the client's own, not a control: one that makes no sense is no reason to refuse. */
function readCallerRetry(value: string | null): number | null {
  return value !== null && /^\d{1,4}$/.test(value) ? Number(value) : null;
}

function readMetadata(value: string | null): Readonly<Record<string, string>> {
  if (value === null) return {};
  const parsed = metadata.safeParse(parseJson(value));
  if (parsed.success && Object.keys(parsed.data).length <= mostMetadata) return parsed.data;
  throw wrongHeader(
    "x-lifeboat-metadata",
    "it must be a flat JSON object of at most 16 strings, names up to 64 and values up to 512 characters",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wrongHeader(header: string, reason: string): Refusal {
  return new Refusal(400, {
    type: "invalid_request_error",
    code: "invalid_header",
    message: `Invalid header ${header}: ${reason}.`,
    param: header,
  });
}

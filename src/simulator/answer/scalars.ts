import { sampleOf } from "./sample-pattern.ts";

type Schema = Readonly<Record<string, unknown>>;

/** One text for each format that a schema may ask for; fixed, so that answers repeat. */
const formats: Readonly<Record<string, string>> = {
  "date-time": "2024-01-15T12:00:00Z",
  date: "2024-01-15",
  time: "12:00:00Z",
  duration: "PT1H",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
};

const longest = 10_000;

/** A text that fits the schema: the hint, or a placeholder that says where it comes from. */
export function stringFor(schema: Schema, property: string, hint: unknown): string {
  const { format, pattern } = schema;
  const least = lengthOf(schema["minLength"]) ?? 0;
  const most = lengthOf(schema["maxLength"]) ?? longest;
  if (typeof format === "string" && Object.hasOwn(formats, format)) return formats[format] ?? "";
  if (typeof pattern === "string") {
    const sample = sampleOf(pattern);
    if (sample !== null) return sample;
  }
  if (typeof hint === "string" && hint.length >= least && hint.length <= most) return hint;
  const placeholder = `simulated ${property === "" ? "text" : property}`;
  return placeholder.slice(0, most).padEnd(Math.min(least, longest), ".");
}

/** A number that fits the schema: the hint, or the first of the obvious ones that does. */
export function numberFor(schema: Schema, type: "number" | "integer", hint: unknown): number {
  const bounds = boundsOf(schema, type);
  const { low, high, step } = bounds;
  const round = (value: number) => Math.ceil(value / step) * step;
  const obvious = [hint, 1, 0, low, low + step, high, high - step, round(low), round(low) + step];
  const middle = (low + high) / 2;
  const fitting = [...obvious, middle].find(
    (value) => typeof value === "number" && fits(value, bounds),
  );
  return typeof fitting === "number" ? fitting : 0;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly above: number;
  readonly below: number;
  readonly step: number;
  readonly multipleOf: number | null;
}

function boundsOf(schema: Schema, type: "number" | "integer"): Bounds {
  const above = numberOf(schema["exclusiveMinimum"]) ?? Number.NEGATIVE_INFINITY;
  const below = numberOf(schema["exclusiveMaximum"]) ?? Number.POSITIVE_INFINITY;
  const asked = numberOf(schema["multipleOf"]);
  const multipleOf = asked !== null && asked > 0 ? asked : type === "integer" ? 1 : null;
  const low = Math.max(numberOf(schema["minimum"]) ?? Number.NEGATIVE_INFINITY, above);
  const high = Math.min(numberOf(schema["maximum"]) ?? Number.POSITIVE_INFINITY, below);
  return { low, high, above, below, step: multipleOf ?? 1, multipleOf };
}

function fits(value: number, { low, high, above, below, multipleOf }: Bounds): boolean {
  if (!Number.isFinite(value) || value < low || value > high) return false;
  if (value <= above || value >= below) return false;
  if (multipleOf === null) return true;
  const times = value / multipleOf;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function lengthOf(value: unknown): number | null {
  return typeof value === "number" && value >= 0 ? value : null;
}

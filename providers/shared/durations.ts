/** Reading spans and instants as providers write them. Pure; null for what is no time. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Longer units first: `ms` must not be read as minutes. */
const unit =
  "milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w";
const spanPart = `\\d{1,12}(?:\\.\\d{1,12})?\\s?(?:${unit})(?![a-z0-9])`;
const gluedPart = `\\d{1,12}(?:\\.\\d{1,12})?(?:${unit})`;

/** One span such as `1m26.4s`, `4hr 10min` or `2 hours`; a source for larger patterns. */
export const spanPattern = `(?:${gluedPart}){0,4}${spanPart}(?:,? (?:and )?${spanPart}){0,3}`;

const wholeSpan = new RegExp(`^(?:${spanPattern})$`);
const eachPart = new RegExp(`(\\d{1,12}(?:\\.\\d{1,12})?)\\s?(${unit})(?![a-z])`, "g");

/** Milliseconds of a span: `20ms`, `8.64s`, `1m26.4s`, `6h`, `2 days`; null when it is none. */
export function parseSpan(text: string): number | null {
  const lower = text.trim().toLowerCase();
  if (!wholeSpan.test(lower)) return null;
  let total = 0;
  for (const [, amount, name] of lower.matchAll(eachPart)) total += Number(amount) * scaleOf(name);
  return total;
}

function scaleOf(name = ""): number {
  if (name.startsWith("ms") || name.startsWith("mil")) return 1;
  switch (name[0]) {
    case "s":
      return second;
    case "m":
      return minute;
    case "h":
      return hour;
    case "d":
      return day;
    default:
      return 7 * day;
  }
}

const zoned =
  /^(\d{4}-\d\d-\d\d)(?:t| | at )(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)? ?(z|utc|gmt|[+-]\d\d:?\d\d)$/;
const httpDate = /^[a-z]{3,9},? \d\d[ -][a-z]{3}[ -]\d{2,4} \d\d:\d\d:\d\d gmt$/;
const wordDate =
  /^[a-z]{3,9} \d{1,2},? \d{4},?(?: at)? \d{1,2}:\d\d(?::\d\d)? ?(?:am|pm)? ?\(?(?:utc|gmt)\)?$/;

/**
 * Milliseconds UTC of an instant: RFC 3339 and its spaced forms, an HTTP date, an English date.
 * Without a zone it is null: providers mean their own, and hours of error are worse than nothing.
 */
export function parseInstant(text: string): number | null {
  const lower = text.trim().toLowerCase();
  const parts = zoned.exec(lower);
  if (parts !== null) {
    const [, date, time, seconds = ":00", zone = "z"] = parts;
    const offset = /^[+-]/.test(zone) ? zone.replace(/^(...)(\d\d)$/, "$1:$2") : "Z";
    return valid(Date.parse(`${date}T${time}${seconds.slice(0, 13)}${offset}`));
  }
  if (httpDate.test(lower)) return valid(Date.parse(lower));
  if (wordDate.test(lower))
    return valid(Date.parse(lower.replace(" at ", " ").replace(/[()]/g, "")));
  return null;
}

function valid(at: number): number | null {
  return Number.isFinite(at) ? at : null;
}

/** Seconds since 1970 have ten digits, milliseconds thirteen; a span of that many seconds is none. */
export function epochMs(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  if (value >= 1e12 && value < 1e14) return value;
  if (value >= 1e9 && value < 1e11) return value * second;
  return null;
}

/**
 * When a reset header or field falls due, ms UTC: an epoch (s or ms), an instant, a span, or a bare
 * number of seconds from `now`.
 */
export function parseReset(text: string, now: number): number | null {
  const trimmed = text.trim();
  if (/^\d{1,15}(?:\.\d{1,15})?$/.test(trimmed)) {
    const value = Number(trimmed);
    return epochMs(value) ?? now + value * second;
  }
  const span = parseSpan(trimmed);
  if (span !== null) return now + span;
  return parseInstant(trimmed);
}

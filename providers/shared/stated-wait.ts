import { epochMs, parseInstant, parseReset, parseSpan, spanPattern } from "./durations.ts";
import type { HeaderReader } from "./limit-headers.ts";

/**
 * How long a provider asked us to stay away, in ms; pure.
 *
 * Order: `retry-after-ms`, `retry-after`, fields of the body, the text, the reset of an allowance
 * that is used up. A wait of nothing says nothing (it would make a loop of instant retries), and so
 * does a reset in the past: both count as not stated. No wait is longer than 31 days, the longest
 * allowance that providers know.
 */

const longestWaitMs = 31 * 24 * 3_600_000;

/** A server clock further from ours than this is skewed; below it is only rounding and travel. */
const skewMs = 2_000;

/** A wait in whole ms, within bounds; null for what is no wait. */
export function sensibleWait(ms: number | null): number | null {
  if (ms === null || !Number.isFinite(ms) || ms < 1) return null;
  return Math.min(Math.round(ms), longestWaitMs);
}

/**
 * The instant that the provider's own times are measured from: its `date` header when its clock
 * and ours disagree, else ours.
 */
export function serverNow(headers: HeaderReader | null, now: number): number {
  const date = headers?.get("date");
  if (date === null || date === undefined) return now;
  const at = parseInstant(date);
  return at !== null && Math.abs(at - now) > skewMs ? at : now;
}

/** `retry-after-ms` (OpenAI, Azure) and `retry-after` in seconds, as an epoch or as an HTTP date. */
export function headerWait(headers: HeaderReader, now: number): number | null {
  const milliseconds = headers.get("retry-after-ms") ?? headers.get("x-ms-retry-after-ms");
  if (milliseconds !== null && /^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(milliseconds)) {
    const wait = sensibleWait(Number(milliseconds));
    if (wait !== null) return wait;
  }
  return resetWait(headers.get("retry-after"), now);
}

/** The time to a reset given as an epoch, an instant, a span or a number of seconds. */
export function resetWait(text: string | null, now: number): number | null {
  if (text === null || text.length > 100) return null;
  const at = parseReset(text, now);
  return at === null ? null : sensibleWait(at - now);
}

/** A field of an error body whose name says that it is a wait. */
export interface WaitField {
  readonly name: string;
  readonly value: string | number;
}

const waitNames =
  /^(?:retry_?(?:after|delay|in)(?:_?(?:ms|milliseconds|s|sec|secs|seconds))?|(?:quota)?_?reset_?(?:delay|after|in|at|time|timestamp|date)|resets_?(?:in|at)(?:_?seconds)?|quotaresettimestamp|wait_?(?:time|seconds|ms)?|estimated_time|x-ratelimit-reset|retry-after)$/;

/** Whether a field of this name (lower case) is a wait or a reset. */
export function namesWait(name: string): boolean {
  return name.length < 40 && waitNames.test(name);
}

/** The first field that holds a usable wait. Numbers are seconds unless the name says ms. */
export function fieldWait(fields: readonly WaitField[], now: number): number | null {
  for (const field of fields) {
    const wait = oneFieldWait(field, now);
    if (wait !== null) return wait;
  }
  return null;
}

function oneFieldWait({ name, value }: WaitField, now: number): number | null {
  const number =
    typeof value === "number" ? value : /^\d+(\.\d+)?$/.test(value) ? Number(value) : null;
  if (number === null) return resetWait(String(value), now);
  const at = epochMs(number);
  if (at !== null) return sensibleWait(at - now);
  return sensibleWait(/m(?:s|illiseconds)$/.test(name) ? number : number * 1_000);
}

const lead =
  "(?:try(?:ing)? (?:it |this |your request |the request )?again|retry(?:ing)?(?: your request| the request| it| this)?|wait(?:ing)?|resets?|refresh(?:es|ed)?|renews?|replenish(?:es|ed)?|available(?: again)?|regain access|come back|resumes?|back off|unlock(?:s|ed)?|expires?|next (?:request|attempt|window))";
const leadThenSpan = new RegExp(`\\b${lead}[^\\n]{0,30}?(?:^|[\\s(:~])(${spanPattern})`, "g");
const instant =
  "\\d{4}-\\d\\d-\\d\\d(?:t| | at )\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d{1,9})?)? ?(?:z|utc|gmt|[+-]\\d\\d:?\\d\\d)|[a-z]{3,9},? \\d\\d[ -][a-z]{3}[ -]\\d{2,4} \\d\\d:\\d\\d:\\d\\d gmt|[a-z]{3,9} \\d{1,2},? \\d{4},?(?: at)? \\d{1,2}:\\d\\d(?::\\d\\d)? ?(?:am|pm)? ?\\(?(?:utc|gmt)\\)?";
const leadThenInstant = new RegExp(`\\b${lead}[^\\n]{0,30}?(${instant})`);
const leadThenEpoch = new RegExp(`\\b${lead}[^\\n\\d]{0,30}?\\b(1\\d{9}|1\\d{12})\\b(?!\\.\\d)`);
/** .NET's `d.hh:mm:ss`, which Azure's gateway writes; without `in` it would be a time of day. */
const leadThenClock = new RegExp(
  `\\b${lead}[^\\n]{0,20}? (?:in|after) (?:(\\d{1,3})\\.)?(\\d{1,2}):(\\d\\d):(\\d\\d)(?![\\d:])`,
);
const chineseInstant = new RegExp(
  `(${instant})[^\\n]{0,6}(?:重置|恢复|刷新|解除|更新|重试|可用)|(?:重置|恢复|刷新|解除)时间[^\\n]{0,6}(${instant})`,
);
const chineseSpan =
  /(\d{1,6}(?:\.\d{1,3})?) ?(毫秒|秒钟?|分钟?|个?小时|天) ?(?:之后|以后|后|再)|(?:等待|等) ?(\d{1,6}) ?(毫秒|秒钟?|分钟?|个?小时|天)/;

/** A wait that the text states: `try again in 1m26.4s`, `resets at 2026-08-14T00:00:00Z`, `60 秒后重试`. */
export function textWait(text: string, now: number): number | null {
  const due = instantIn(text);
  if (due !== null) return sensibleWait(due - now);
  const clock = leadThenClock.exec(text);
  if (clock !== null) return clockWait(clock.slice(1));
  for (const [, span = ""] of text.matchAll(leadThenSpan)) {
    const wait = sensibleWait(parseSpan(span));
    if (wait !== null) return wait;
  }
  const epoch = leadThenEpoch.exec(text)?.[1];
  if (epoch !== undefined) return sensibleWait((epochMs(Number(epoch)) ?? now) - now);
  return chineseWait(text);
}

function instantIn(text: string): number | null {
  const chinese = chineseInstant.exec(text);
  const at = leadThenInstant.exec(text)?.[1] ?? chinese?.[1] ?? chinese?.[2];
  return at === undefined ? null : parseInstant(at);
}

function clockWait([days = "0", hours, minutes, seconds]: readonly string[]): number | null {
  const total =
    Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return sensibleWait(total * 1_000);
}

const chineseUnits: Readonly<Record<string, number>> = {
  毫: 1,
  秒: 1_000,
  分: 60_000,
  小: 3_600_000,
  天: 86_400_000,
};

function chineseWait(text: string): number | null {
  const found = chineseSpan.exec(text);
  if (found === null) return null;
  const unit = (found[2] ?? found[4] ?? "").replace("个", "");
  return sensibleWait(Number(found[1] ?? found[3]) * (chineseUnits[unit[0] ?? ""] ?? 0));
}

import type { FailureClass, FailureScope } from "../../src/contract/failure.ts";
import type { LimitWindow } from "../../src/contract/limits.ts";
import { meanings } from "./failure-meaning.ts";
import type { LimitHeaders } from "./limit-headers.ts";

/**
 * One line of a failure table. All conditions that are present must hold; the first rule that
 * matches decides. Patterns see lower-case text and must not backtrack (no nested quantifiers,
 * bounded gaps).
 */
export interface FailureRule {
  readonly as: FailureClass;
  /** The statuses that the rule is limited to, or that it is not for. */
  readonly status?: readonly number[];
  readonly notStatus?: readonly number[];
  /** Tested against each code, type, status name and reason that the body or headers carry. */
  readonly code?: RegExp;
  /** Tested against all messages, one a line. */
  readonly text?: RegExp;
  /** The rule does not hold where this is found in the messages. */
  readonly unless?: RegExp;
  /** A header and what must be in it. */
  readonly header?: readonly [name: string, value: RegExp];
  /** An allowance whose headers say that nothing is left. */
  readonly exhausted?: readonly LimitWindow[];
  /** The provider stated at least this wait, ms. */
  readonly waitAtLeastMs?: number;
  /** Where this failure weighs otherwise than its class. */
  readonly failsOver?: boolean;
  readonly counts?: boolean;
  readonly scope?: FailureScope;
  /** A shorter wait than this is not believed, ms: what is used up does not come back in seconds. */
  readonly shortestWaitMs?: number;
}

/** What a kind knows about its own failures, beyond what all providers share. */
export interface FailureProfile {
  readonly rules: readonly FailureRule[];
  /** What an exhausted quota takes out of service; `provider` unless the provider counts per model. */
  readonly quotaScope?: "provider" | "candidate";
  /** Where the kind announces its allowances; the common names when left out. */
  readonly limits?: LimitHeaders;
  /** Headers that hold the reset of a refused request, beside those of the allowances. */
  readonly resetHeaders?: readonly string[];
}

/** A failure as the rules see it. */
export interface Seen {
  /** The status that counts: the answer's own, or the one inside when the outer says nothing. */
  readonly status: number;
  readonly marks: readonly string[];
  readonly text: string;
  /** The same without what is quoted, which may be the request's. */
  readonly ownText: string;
  /** The provider names a field of the request as what is wrong. */
  readonly blamesRequest: boolean;
  readonly exhausted: readonly LimitWindow[];
  readonly waitMs: number | null;
  header(name: string): string | null;
}

/** The first rule of the tables that holds; null when none does. */
export function firstMatch(
  tables: readonly (readonly FailureRule[])[],
  seen: Seen,
): FailureRule | null {
  for (const table of tables) {
    for (const rule of table) if (holds(rule, seen)) return rule;
  }
  return null;
}

function holds(rule: FailureRule, seen: Seen): boolean {
  return fitsStatus(rule, seen.status) && fitsSigns(rule, seen) && fitsWords(rule, seen);
}

function fitsStatus({ status, notStatus }: FailureRule, actual: number): boolean {
  if (status !== undefined && !status.includes(actual)) return false;
  return notStatus === undefined || !notStatus.includes(actual);
}

function fitsSigns({ header, exhausted, waitAtLeastMs }: FailureRule, seen: Seen): boolean {
  if (header !== undefined && !header[1].test(seen.header(header[0])?.toLowerCase() ?? "")) {
    return false;
  }
  if (exhausted !== undefined && !exhausted.some((window) => seen.exhausted.includes(window))) {
    return false;
  }
  return waitAtLeastMs === undefined || (seen.waitMs ?? 0) >= waitAtLeastMs;
}

function fitsWords(rule: FailureRule, seen: Seen): boolean {
  const { code, text, unless } = rule;
  if (code !== undefined && !seen.marks.some((mark) => code.test(mark))) return false;
  if (text !== undefined && !wordsFit(rule, text, seen)) return false;
  return unless === undefined || !unless.test(seen.text);
}

/** Statuses by which a provider refuses a request, and then often quotes it. */
const refusals: ReadonlySet<number> = new Set([400, 422]);

/**
 * Whether the words are there. What would take an account or a model out of service must be said by
 * the provider itself: words that it quotes from a request are no evidence, and neither is any
 * wording where it names the field of the request that is wrong.
 */
function wordsFit({ as, code, counts }: FailureRule, text: RegExp, seen: Seen): boolean {
  if (!refusals.has(seen.status)) return text.test(seen.text);
  if (!(counts ?? meanings[as].counts))
    return text.test(quotable.has(as) ? seen.text : seen.ownText);
  if (seen.blamesRequest && code === undefined) return false;
  return text.test(seen.ownText);
}

/** Classes whose sentences name a parameter or a model in quotes. */
const quotable: ReadonlySet<FailureClass> = new Set([
  "unsupported",
  "model_not_found",
  "bad_request",
  "context_length",
  "request_too_large",
]);

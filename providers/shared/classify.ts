import type { Failure, FailureClass, Sighting } from "../../src/contract/failure.ts";
import { errorInSuccess } from "./error-in-success.ts";
import { payloadsOf } from "./event-payloads.ts";
import { meanings } from "./failure-meaning.ts";
import { type FailureProfile, type FailureRule, firstMatch, type Seen } from "./failure-rule.ts";
import { isRecord, parseJson } from "./json-values.ts";
import { type HeaderReader, readLimits } from "./limit-headers.ts";
import { commonLimits } from "./limit-tables.ts";
import { readConnection, readThrown } from "./network-failure.ts";
import { mostBodyChars, readSaid, type Said } from "./read-said.ts";
import { ownWords } from "./own-words.ts";
import { type Conceal, presentable } from "./redact.ts";
import { classOfStatus, statusRules } from "./rules/by-status.ts";
import { plainCodes } from "./rules/codes.ts";
import { googleShaped } from "./rules/google-shaped.ts";
import { proxyPages } from "./rules/proxy-pages.ts";
import { vagueCodes } from "./rules/vague-codes.ts";
import { wordingRules } from "./rules/wording.ts";
import { serverNow } from "./stated-wait.ts";
import { believed, limitWait, meantWait, statedWait } from "./wait-of-failure.ts";

/*
 * How a failure is read. First what was said is taken out of its shape (read-said.ts): the codes
 * at any depth, the messages, the status inside. Then the first rule that holds decides:
 *
 *   1. the kind's own table      the same number or name means different things at two providers
 *   2. Google's quota names      a quota id names its window, whatever the message says
 *   3. proxies' pages            a proxy in front did not know the provider's words
 *   4. plain codes               names with one meaning; stronger than any wording, any language
 *   5. wording                   families of sentences; among them the account before the request,
 *                                a stated window (minute, day) before money, since throttles
 *                                advertise payment, and money before permission
 *   6. vague codes               names with several meanings, where the words told nothing
 *   7. the status                when the body told nothing at all
 *
 * The wait is read on its own and kept only for classes in which waiting helps.
 */

/** A kind's failures, read for one account. */
export interface AccountProfile extends FailureProfile {
  /** Takes the account's own secrets out of what is kept. */
  readonly conceal: Conceal;
}

/** Reads a failure. Pure, bounded in time whatever the body, never throws. */
export function classifyFailure(profile: AccountProfile, sighting: Sighting): Failure {
  try {
    switch (sighting.site) {
      case "clock":
        return build({ as: "timeout" }, {});
      case "network":
        return fromError(profile, sighting.error, sighting.now);
      case "stream":
        return fromStream(profile, sighting);
      default:
        return fromBody(profile, sighting);
    }
  } catch {
    // An error object or a header reader may have getters that throw.
    return build({ as: "unknown" }, {});
  }
}

/** The caller left, or Lifeboat itself gave the attempt up: says nothing about the provider. */
export function cancelledFailure(): Failure {
  return build({ as: "cancelled" }, {});
}

interface Answer {
  readonly status: number;
  readonly headers: HeaderReader;
  readonly now: number;
}

const noHeaders: HeaderReader = { get: () => null };

function fromBody(profile: AccountProfile, sighting: Answer & { readonly body: string }): Failure {
  const body = sighting.body.slice(0, mostBodyChars);
  const failing = payloadsOf(body).find(
    ({ event, data }) => event === "error" || errorInSuccess(data) !== null,
  );
  return fromText(profile, sighting, { text: failing?.data ?? body, body });
}

/** The payload of an error event, a frame that cannot be read, or the whole of a stream. */
function fromStream(
  profile: AccountProfile,
  sighting: Answer & { readonly data: string },
): Failure {
  const data = sighting.data.slice(0, mostBodyChars);
  const payloads = payloadsOf(data);
  const failing = payloads.find(
    ({ event, data: payload }) => event === "error" || errorInSuccess(payload) !== null,
  );
  if (failing !== undefined) return fromText(profile, sighting, { text: failing.data, body: data });
  // A stream that ended without a word or in the middle of an answer, or frames that cannot be read:
  // what they say may be the model's, so it neither decides nor is kept.
  if (payloads.some(isAnswerChunk) || !payloads.some(({ data: text }) => looksLikeError(text))) {
    return build({ as: "server_error" }, { status: sighting.status });
  }
  return fromText(profile, sighting, { text: data, body: data });
}

function isAnswerChunk({ data }: { readonly data: string }): boolean {
  return data.startsWith("{") && /"(?:choices|candidates|delta|token|response)"\s{0,4}:/.test(data);
}

/** JSON without an answer, or what is left of an error's. */
function looksLikeError(text: string): boolean {
  return (
    isRecord(parseJson(text)) || /^[[{]{1,2}\s{0,4}"(?:error|\w{1,40}Exception)"\s{0,4}:/.test(text)
  );
}

function fromText(
  profile: AccountProfile,
  { status, headers, now }: Answer,
  { text, body }: { readonly text: string; readonly body: string },
): Failure {
  const said = isCutAnswer(status, text) ? readSaid("") : readSaid(text);
  const from = serverNow(headers, now);
  const limits = profile.limits ?? commonLimits;
  const reading = readLimits(limits, headers, from) ?? readLimits(commonLimits, said.headers, from);
  const waitMs = statedWait(said, headers, from);
  const seen: Seen = {
    status: statusThatCounts(status, said),
    marks: [...said.marks, ...headerMarks(headers)],
    text: said.text,
    ownText: ownWords(said.text),
    blamesRequest: said.blamesRequest,
    exhausted: (reading?.dimensions ?? [])
      .filter(({ remaining }) => remaining === 0)
      .map(({ window }) => window),
    waitMs,
    header: (name) => headers.get(name),
  };
  const rule = decide(profile, seen);
  const limited = waitMs === null && (seen.status === 429 || isLimit(rule.as));
  return build(scoped(rule, profile), {
    status,
    said,
    retryAfterMs: limited
      ? believed(limitWait(reading, { headers: [headers, said.headers], from, profile }), rule)
      : meantWait(waitMs, { rule, said, from }),
    body,
    contentType: headers.get("content-type"),
    conceal: profile.conceal,
  });
}

/** A success document that is cut off: its words are the model's, not the provider's. */
function isCutAnswer(status: number, text: string): boolean {
  return (
    status < 400 &&
    errorInSuccess(text) === null &&
    /"(?:choices|candidates|content)"\s{0,4}:/.test(text)
  );
}

function decide(profile: FailureProfile, seen: Seen): FailureRule {
  const rule = firstMatch(
    [profile.rules, googleShaped, proxyPages, plainCodes, wordingRules, vagueCodes, statusRules],
    seen,
  );
  return rule ?? { as: classOfStatus(seen.status) };
}

/** A quota of the account closes the provider, unless the provider counts per model. */
function scoped(rule: FailureRule, profile: FailureProfile): FailureRule {
  if (rule.as !== "quota_exhausted" || rule.scope !== undefined) return rule;
  return { ...rule, scope: profile.quotaScope ?? "provider" };
}

function isLimit(as: FailureClass): boolean {
  return as === "rate_limited" || as === "quota_exhausted";
}

/** Outer statuses that gateways use for whatever went wrong behind them. */
const envelopes = new Set([400, 424, 500, 502]);

/**
 * The answer's own status, but for an error inside a success or an envelope, where the status in
 * the body counts. A gateway's 5xx around an upstream's 400 stays a 5xx: who erred is not known.
 */
function statusThatCounts(status: number, said: Said): number {
  if (status >= 400 && !envelopes.has(status)) return status;
  const told = /(?:status(?: code)?|error code|http)[: ]{1,2}([45]\d\d)\b/.exec(said.text)?.[1];
  const inner = said.statuses.at(-1) ?? (told === undefined ? undefined : Number(told));
  if (inner === undefined) return status < 400 ? 200 : status;
  return status >= 400 && (inner === 400 || inner === 422 || inner === 500) ? status : inner;
}

/** Names of errors that stand in headers: AWS (with a `:http://…` tail) and Azure. */
function headerMarks(headers: HeaderReader): readonly string[] {
  return ["x-amzn-errortype", "x-ms-error-code"].flatMap((name) => {
    const mark = headers.get(name)?.split(":")[0]?.trim().toLowerCase();
    return mark === undefined || mark === "" ? [] : [mark];
  });
}

function fromError(profile: AccountProfile, error: unknown, now: number): Failure {
  const thrown = readThrown(error);
  const connection = readConnection(thrown);
  const known = {
    code: presentable(thrown.code, profile.conceal),
    type: presentable(thrown.names[0] ?? null, profile.conceal),
    message: presentable(thrown.message, profile.conceal),
  };
  if (connection !== null) {
    const { ours = false, ...rest } = connection;
    return {
      ...build(ours ? { ...rest, failsOver: false, counts: false, scope: "none" } : rest, {}),
      ...known,
    };
  }
  // A binding throws what a provider says: `4006: you have used up your daily allocation`.
  const said = readSaid(thrown.message ?? "");
  const number = /^(?:\w{1,20}: ){0,2}(\d{4,5}): /.exec(thrown.message ?? "")?.[1];
  const seen: Seen = {
    status: 200,
    marks: number === undefined ? said.marks : [...said.marks, number],
    text: said.text,
    ownText: ownWords(said.text),
    blamesRequest: said.blamesRequest,
    exhausted: [],
    waitMs: null,
    header: () => null,
  };
  const rule = decide(profile, seen);
  const as = rule.as === "unknown" && thrown.text !== "" ? "server_error" : rule.as;
  const retryAfterMs = meantWait(statedWait(said, noHeaders, now), { rule, said, from: now });
  return {
    ...build(scoped({ ...rule, as }, profile), { retryAfterMs }),
    ...known,
    code: number ?? known.code,
  };
}

interface Evidence {
  readonly status?: number;
  readonly said?: Said;
  readonly retryAfterMs?: number | null;
  readonly body?: string;
  readonly contentType?: string | null;
  readonly conceal?: Conceal;
}

/** Puts the failure together: what the rule means, and what was said. */
function build(rule: FailureRule, evidence: Evidence): Failure {
  return { class: rule.as, ...weight(rule), ...quotation(rule.as, evidence) };
}

function weight(rule: FailureRule): Pick<Failure, "failsOver" | "verdict" | "scope"> {
  const meaning = meanings[rule.as];
  const counts = rule.counts ?? meaning.counts;
  return {
    failsOver: rule.failsOver ?? meaning.failsOver,
    verdict: counts ? "failure" : "neutral",
    scope: counts ? (rule.scope ?? meaning.scope) : "none",
  };
}

const nothingSaid = { code: null, type: null, message: null } as const;

const asItIs: Conceal = (text) => text;

/** A body is kept only where it is the caller's to see. */
function quotation(
  as: FailureClass,
  evidence: Evidence,
): Omit<Failure, "class" | "failsOver" | "verdict" | "scope"> {
  const {
    status = null,
    said = nothingSaid,
    retryAfterMs = null,
    body = null,
    contentType = null,
    conceal = asItIs,
  } = evidence;
  const passedOn = as === "bad_request" || as === "content_filter";
  return {
    retryAfterMs: meanings[as].waits ? retryAfterMs : null,
    status,
    code: presentable(said.code, conceal),
    type: presentable(said.type, conceal),
    message: presentable(said.message, conceal),
    body: passedOn && body !== null ? conceal(body) : null,
    contentType: passedOn ? contentType : null,
  };
}

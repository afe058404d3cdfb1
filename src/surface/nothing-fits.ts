import type { AttemptRecord, Skip } from "../contract/decision.ts";
import type { Unserved } from "./unserved.ts";

/** Candidates that are not set up say nothing of whether the request can be served. */
const aside: ReadonlySet<string> = new Set(["not_configured", "no_fallback"]);

/**
 * The answer when no candidate can take the request as it is: what each lacks, and which is closest.
 * Null when something was asked, or could be another time. Pure.
 */
export function nothingFits({
  attempts,
  skipped,
}: {
  attempts: readonly AttemptRecord[];
  skipped: readonly Skip[];
}): Unserved | null {
  const inWay = skipped.filter(({ reason }) => !aside.has(reason));
  const [closest, ...others] = inWay.toSorted((a, b) => lacksOf(a).length - lacksOf(b).length);
  if (attempts.length > 0 || closest === undefined) return null;
  if (inWay.some((skip) => lacksOf(skip).length === 0)) return null;
  const behind = others.map((skip) => `${skip.candidate} lacks ${told(skip)}`).join("; ");
  const message =
    `No candidate of this route can take the request. ${closest.candidate} is closest: ` +
    `it lacks ${told(closest)}.${behind === "" ? "" : ` ${behind}.`}`;
  const tooLong = inWay.every(({ reason }) => reason === "context_too_small");
  return {
    status: 400,
    type: "invalid_request_error",
    code: tooLong ? "context_length_exceeded" : "no_candidate_fits",
    message,
    retryAfterSeconds: null,
    worthRetrying: false,
  };
}

function lacksOf({ lacks = [] }: Skip): readonly string[] {
  return lacks;
}

function told(skip: Skip): string {
  return lacksOf(skip).join(" and ");
}

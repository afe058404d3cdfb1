import type { ChatRequest } from "../contract/chat.ts";
import type { SkipReason } from "../contract/decision.ts";
import type { FailureClass } from "../contract/failure.ts";
import type { Candidate, ModelFacts } from "../contract/route.ts";

/** What a model said of a request. */
export interface Refused {
  readonly candidate: Candidate;
  readonly class: FailureClass;
}

/**
 * Why a candidate is no better than those that have refused the request; null when it may be. Only
 * what the config says of a model counts: unknown is never "no". Pure.
 */
export function unsuited(
  candidate: Candidate,
  refused: readonly Refused[],
  request: ChatRequest,
): SkipReason | null {
  for (const one of refused) {
    if (isSame(candidate, one.candidate)) return "already_tried";
    const reason = reasonAgainst(candidate.facts, one, request);
    if (reason !== null) return reason;
  }
  return null;
}

/** Another name for the same model of the same account. */
function isSame(one: Candidate, other: Candidate): boolean {
  return one.account.name === other.account.name && one.model === other.model;
}

function reasonAgainst(facts: ModelFacts, refused: Refused, request: ChatRequest) {
  const its = refused.candidate.facts;
  switch (refused.class) {
    case "context_length":
      return isNoLarger(facts.contextWindow, its.contextWindow) ? "context_too_small" : null;
    case "request_too_large":
      return isNoLarger(facts.maxRequestTokens, its.maxRequestTokens)
        ? "request_limit_too_small"
        : null;
    case "unsupported":
      return lacking(facts, request);
    default:
      return null;
  }
}

function isNoLarger(size: number | null, failed: number | null): boolean {
  return size !== null && failed !== null && size <= failed;
}

/** The first thing that the request asks for and the model is known not to have. */
function lacking(facts: ModelFacts, request: ChatRequest): SkipReason | null {
  if (facts.tools === false && (request.tools?.length ?? 0) > 0) return "lacks_tools";
  if (facts.images === false && hasImages(request)) return "lacks_images";
  const wantsSchema = request.response_format?.type === "json_schema";
  return facts.jsonSchema === false && wantsSchema ? "lacks_json_schema" : null;
}

function hasImages({ messages }: ChatRequest): boolean {
  return messages.some(
    ({ content }) =>
      Array.isArray(content) && content.some((part: { type: string }) => part.type === "image_url"),
  );
}

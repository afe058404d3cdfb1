import type { AccountRefusal } from "./account.ts";
import { formatDuration } from "./duration.ts";

/** An error as OpenAI answers it. Source: https://platform.openai.com/docs/guides/error-codes */
export interface OpenAiError {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  /** How long the account asks to be left alone; null when it does not say. */
  readonly retryAfterMs?: number;
}

/** The caller's own fault. */
export function invalidRequest(
  message: string,
  { param = null, code = null }: { param?: string | null; code?: string | null } = {},
): OpenAiError {
  return { status: 400, message, type: "invalid_request_error", param, code };
}

/** What OpenAI says to a path or method that it does not know. */
export function unknownPath(method: string, path: string): OpenAiError {
  return { ...invalidRequest(`Invalid URL (${method} ${path})`), status: 404 };
}

/** What OpenAI says to a model name that it does not know. */
export function unknownModel(model: string): OpenAiError {
  const message = `The model \`${model}\` does not exist or you do not have access to it.`;
  return { ...invalidRequest(message, { code: "model_not_found" }), status: 404 };
}

/** The credit is used up: the 429 that waiting does not cure. */
export const insufficientQuota: OpenAiError = {
  status: 429,
  message:
    "You exceeded your current quota, please check your plan and billing details. For more " +
    "information on this error, read the docs: " +
    "https://platform.openai.com/docs/guides/error-codes/api-errors.",
  type: "insufficient_quota",
  param: null,
  code: "insufficient_quota",
};

const learnMore = "Visit https://platform.openai.com/account/rate-limits to learn more.";

/** Writes an account's refusal in OpenAI's words. */
export function refusalError(
  refusal: AccountRefusal,
  { model, organization }: { model: string; organization: string },
): OpenAiError {
  if (refusal.reason === "credit") return insufficientQuota;
  const limited = { status: 429, param: null, code: "rate_limit_exceeded" } as const;
  const on = `${model} in organization ${organization} on ${refusal.label}`;
  if (refusal.reason === "too_large") {
    const message =
      `Request too large for ${on}: Limit ${refusal.limit}, Requested ${refusal.requested}. ` +
      `The input or output tokens must be reduced in order to run successfully. ${learnMore}`;
    return { ...limited, message, type: "tokens" };
  }
  const { limit, used, requested, waitMs } = refusal;
  const message =
    `Rate limit reached for ${on}: Limit ${limit}, Used ${used}, Requested ${requested}. ` +
    `Please try again in ${formatDuration(waitMs)}. ${learnMore}`;
  return { ...limited, message, type: refusal.unit, retryAfterMs: waitMs };
}

/** The body that goes with it. */
export function errorBody({ message, type, param, code }: OpenAiError): string {
  return JSON.stringify({ error: { message, type, param, code } }, null, 2);
}

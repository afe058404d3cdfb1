import type { AccountRefusal, LimitViews } from "./account.ts";
import {
  insufficientQuota,
  invalidRequest,
  type OpenAiError,
  refusalError,
  unknownModel,
} from "./openai-error.ts";
import type { Fault } from "./scenario.ts";

/** A fault that is an answer of its own: an HTTP error as OpenAI words it. */
export type ErrorFault = Exclude<Fault, "slow" | "silent" | "cut" | "garbage" | "down">;

interface Asked {
  readonly model: string;
  readonly organization: string;
  readonly requestId: string;
}

/** The account of OpenAI's former free tier, three requests a minute, just after the third. */
const throttled: AccountRefusal = {
  reason: "limit",
  unit: "requests",
  label: "requests per min (RPM)",
  limit: 3,
  used: 3,
  requested: 1,
  waitMs: 20_000,
};

/** What the rate limit headers say beside the forced throttle. */
export const throttledLimits: LimitViews = {
  requests: { limit: 3, remaining: 0, resetMs: 60_000 },
};

const errors: Readonly<Record<ErrorFault, (asked: Asked) => OpenAiError>> = {
  "quota-exhausted": () => insufficientQuota,
  "rate-limited": (asked) => refusalError(throttled, asked),
  overloaded: ({ requestId }) => ({
    status: 503,
    message:
      "That model is currently overloaded with other requests. You can retry your request, or " +
      "contact us through our help center at help.openai.com if the error persists. (Please " +
      `include the request ID ${requestId} in your message.)`,
    type: "server_error",
    param: null,
    code: null,
  }),
  "server-error": () => ({
    status: 500,
    message:
      "The server had an error while processing your request. Sorry about that! You can retry " +
      "your request, or contact us through our help center at help.openai.com if the error " +
      "persists.",
    type: "server_error",
    param: null,
    code: null,
  }),
  unauthorized: () => ({
    ...invalidRequest(
      "Incorrect API key provided: sk-simul*****ator. You can find your API key at " +
        "https://platform.openai.com/account/api-keys.",
      { code: "invalid_api_key" },
    ),
    status: 401,
  }),
  "model-missing": ({ model }) => unknownModel(model),
  "context-length": () =>
    invalidRequest(
      "This model's maximum context length is 8192 tokens. However, your messages resulted in " +
        "10138 tokens. Please reduce the length of the messages.",
      { param: "messages", code: "context_length_exceeded" },
    ),
  "content-filter": () =>
    invalidRequest(
      "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please " +
        "try again with a different prompt: " +
        "https://platform.openai.com/docs/guides/reasoning#advice-on-prompting",
      { code: "invalid_prompt" },
    ),
};

export function isErrorFault(scenario: string): scenario is ErrorFault {
  return Object.hasOwn(errors, scenario);
}

export function faultError(fault: ErrorFault, asked: Asked): OpenAiError {
  return errors[fault](asked);
}

import type { LimitUnit, LimitWindow } from "../../src/contract/limits.ts";
import type { LimitHeaders, LimitRow } from "./limit-headers.ts";

/** A row of the widespread `x-ratelimit-{remaining,limit,reset}…` names. */
function xRateLimit(unit: LimitUnit, window: LimitWindow, suffix: string): LimitRow {
  return {
    unit,
    window,
    remaining: `x-ratelimit-remaining${suffix}`,
    limit: `x-ratelimit-limit${suffix}`,
    reset: `x-ratelimit-reset${suffix}`,
  };
}

/** OpenAI's names, with the windows it documents. Source: https://platform.openai.com/docs/guides/rate-limits */
export const openAiLimits: LimitHeaders = {
  rows: [xRateLimit("requests", "minute", "-requests"), xRateLimit("tokens", "minute", "-tokens")],
};

/** OpenAI's names where no window is stated, the plain ones of many proxies, and the IETF's. */
export const commonLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "unknown", "-requests"),
    xRateLimit("tokens", "unknown", "-tokens"),
    xRateLimit("requests", "unknown", ""),
    {
      unit: "requests",
      window: "unknown",
      remaining: "ratelimit-remaining",
      limit: "ratelimit-limit",
      reset: "ratelimit-reset",
    },
  ],
  ietf: true,
};

/** Requests are counted by the day, tokens by the minute. Source: https://console.groq.com/docs/rate-limits */
export const groqLimits: LimitHeaders = {
  rows: [xRateLimit("requests", "day", "-requests"), xRateLimit("tokens", "minute", "-tokens")],
};

const anthropicNames = [
  ["requests", "requests"],
  ["tokens", "tokens"],
  ["input_tokens", "input-tokens"],
  ["output_tokens", "output-tokens"],
] as const;

/**
 * Its own names, and OpenAI's on the compatible endpoint. Sources:
 * https://docs.claude.com/en/api/rate-limits#response-headers,
 * https://docs.claude.com/en/api/openai-sdk#header-compatibility
 */
export const anthropicLimits: LimitHeaders = {
  rows: [
    ...anthropicNames.map(([unit, name]): LimitRow => ({
      unit,
      window: "minute",
      remaining: `anthropic-ratelimit-${name}-remaining`,
      limit: `anthropic-ratelimit-${name}-limit`,
      reset: `anthropic-ratelimit-${name}-reset`,
    })),
    ...openAiLimits.rows,
  ],
};

/** The window ends the name. Source: https://inference-docs.cerebras.ai/support/rate-limits */
export const cerebrasLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "minute", "-requests-minute"),
    xRateLimit("requests", "day", "-requests-day"),
    xRateLimit("tokens", "minute", "-tokens-minute"),
    xRateLimit("tokens", "day", "-tokens-day"),
  ],
};

/** The newer names, and those of before 2025. Source: responses of https://api.mistral.ai/v1 */
export const mistralLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "minute", "-req-minute"),
    xRateLimit("tokens", "minute", "-tokens-minute"),
    xRateLimit("tokens", "month", "-tokens-month"),
    {
      unit: "tokens",
      window: "minute",
      remaining: "ratelimitbysize-remaining",
      limit: "ratelimitbysize-limit",
      reset: "ratelimitbysize-reset",
    },
  ],
};

/** Source: https://docs.together.ai/docs/rate-limits */
export const togetherLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "unknown", ""),
    {
      unit: "tokens",
      window: "unknown",
      remaining: "x-tokenlimit-remaining",
      limit: "x-tokenlimit-limit",
      reset: "x-ratelimit-reset",
    },
  ],
};

/** A trial key's allowances; neither says when it fills again. Source: responses of https://api.cohere.com */
export const cohereLimits: LimitHeaders = {
  rows: [
    {
      unit: "requests",
      window: "minute",
      remaining: "x-trial-endpoint-call-remaining",
      limit: "x-trial-endpoint-call-limit",
      reset: null,
    },
    {
      unit: "requests",
      window: "month",
      remaining: "x-endpoint-monthly-call-remaining",
      limit: "x-endpoint-monthly-call-limit",
      reset: null,
    },
    ...openAiLimits.rows,
  ],
};

/** Prompt and generated tokens are counted apart. Source: https://docs.fireworks.ai/guides/quotas_usage/rate-limits */
export const fireworksLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "minute", "-requests"),
    xRateLimit("input_tokens", "minute", "-tokens-prompt"),
    xRateLimit("output_tokens", "minute", "-tokens-generated"),
  ],
};

/** Source: https://docs.sambanova.ai/docs/en/models/rate-limits */
export const sambanovaLimits: LimitHeaders = {
  rows: [
    xRateLimit("requests", "minute", "-requests"),
    xRateLimit("requests", "day", "-requests-day"),
    xRateLimit("tokens", "day", "-tokens-day"),
  ],
};

import { z } from "zod";
import { faults } from "./scenario.ts";

// Workers forbid making code at run time; without this zod would try, and fail, once per schema.
z.config({ jitless: true });

const perWindow = z.int().positive().nullable();

/**
 * The `simulator` section of a provider of kind `simulator`. Every field has a default; a limit that
 * is null is none. The defaults are those of an OpenAI account of tier 1 with gpt-4o-mini.
 * Source: https://platform.openai.com/docs/models/gpt-4o-mini
 */
export const simulatorSettingsSchema = z.strictObject({
  /** What the account has left to spend, US dollars. null: unlimited; 0: an exhausted account. */
  creditUsd: z.number().min(0).nullable().default(null),
  /** Requests per minute (RPM). */
  requestsPerMinute: perWindow.default(500),
  /** Tokens per minute (TPM), counted as OpenAI does: the prompt's estimate or `max_tokens`, whichever is more. */
  tokensPerMinute: perWindow.default(200_000),
  /** Requests per day (RPD). */
  requestsPerDay: perWindow.default(10_000),
  /** Tokens per day (TPD). */
  tokensPerDay: perWindow.default(null),
  /** The pace of an answer. null: all at once. */
  tokensPerSecond: z.number().positive().nullable().default(80),
  /** From the request to the first token, ms. */
  firstTokenMs: z.int().min(0).max(3_600_000).default(300),
  /** From the request to the first token where the behaviour is `slow`, ms. */
  slowMs: z.int().min(0).max(3_600_000).default(30_000),
  /** Makes every model of the account behave so; null: each model behaves as its name says. */
  fault: z.enum(faults).nullable().default(null),
  /** With `fault`: only every n-th chat request meets it. */
  failEvery: z.int().min(1).default(1),
  /** Another seed picks other wordings; the same seed and request always give the same text. */
  seed: z.int().default(1),
});

export type SimulatorSettings = z.output<typeof simulatorSettingsSchema>;

/** Checks a `simulator` section: what is wrong with it in one line, or null. */
export function checkSimulatorSettings(settings: unknown): string | null {
  const issue = simulatorSettingsSchema.safeParse(settings).error?.issues[0];
  if (issue === undefined) return null;
  return issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`;
}

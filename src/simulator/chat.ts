import type { Clock, Random, Wait } from "../contract/edges.ts";
import type { SimulatedAccount } from "./account.ts";
import { composeAnswers } from "./answer/compose.ts";
import { completionOf, type Completion } from "./completion.ts";
import { faultError, isErrorFault, throttledLimits } from "./fault-error.ts";
import { errorBody, type OpenAiError, refusalError } from "./openai-error.ts";
import { lostConnection } from "./paced-body.ts";
import { readChatRequest, type ChatBody } from "./read-chat-request.ts";
import { envelopeHeaders, setLimitHeaders, setRetryAfter } from "./response-headers.ts";
import type { Scenario } from "./scenario.ts";
import { randomId } from "./seed.ts";
import { answerBody, type BodySpec } from "./answer-body.ts";
import { countPrompt, limitTokens } from "./tokens.ts";

/** One request to an account, with what it needs from outside. */
export interface Arrival {
  readonly account: SimulatedAccount;
  readonly clock: Clock;
  readonly random: Random;
  readonly wait: Wait;
  readonly signal: AbortSignal;
  readonly requestId: string;
  readonly arrivedAt: number;
}

/** A connection on which nothing is ever said is dropped after this long. */
const silenceMs = 600_000;

/**
 * Answers `POST /chat/completions`. Rejects where a fetch would: a lost connection, or an abort
 * (with the signal's reason).
 */
export async function answerChat(text: string, arrival: Arrival): Promise<Response> {
  const read = readChatRequest(text);
  if (!read.ok) return refuse(read.error, arrival);
  const { chat } = read;
  const scenario = arrival.account.nextScenario(chat.model);
  if (scenario === "down") throw lostConnection();
  if (scenario === "silent") {
    await arrival.wait(silenceMs, arrival.signal);
    throw lostConnection();
  }
  if (isErrorFault(scenario)) {
    const { organization } = arrival.account;
    const asked = { model: chat.model, organization, requestId: arrival.requestId };
    const response = refuse(faultError(scenario, asked), arrival);
    if (scenario === "rate-limited") setLimitHeaders(response.headers, throttledLimits);
    return response;
  }
  return admitAndServe(chat, scenario, arrival);
}

async function admitAndServe(
  chat: ChatBody,
  scenario: Exclude<Scenario, "down" | "silent">,
  arrival: Arrival,
): Promise<Response> {
  const { account, clock } = arrival;
  const { organization } = account;
  const now = clock.now();
  const refusal = account.admit(limitTokens(chat, countPrompt(chat)), now);
  if (refusal !== null) {
    const response = refuse(refusalError(refusal, { model: chat.model, organization }), arrival);
    // An account without credit is turned away before its limits are looked at.
    if (refusal.reason !== "credit")
      setLimitHeaders(response.headers, account.limits(now, refusal));
    return response;
  }
  const limits = account.limits(now, null);
  const completion = complete(chat, scenario, arrival);
  account.charge(chat.model, completion.usage);
  const spec = bodySpec(chat, scenario, account.settings);
  const { body, contentType } = await answerBody(completion, spec, arrival);
  const headers = envelopeHeaders(envelopeOf(arrival), contentType);
  setLimitHeaders(headers, limits);
  return new Response(body, { headers });
}

function complete(chat: ChatBody, scenario: Scenario, arrival: Arrival): Completion {
  const { account, clock, random } = arrival;
  const answers = composeAnswers(chat, { seed: account.settings.seed, echo: scenario === "echo" });
  return completionOf(chat, answers, { now: clock.now(), random });
}

function bodySpec(
  chat: ChatBody,
  scenario: Scenario,
  settings: SimulatedAccount["settings"],
): BodySpec {
  return {
    stream: chat.stream === true,
    withUsage: chat.stream_options?.include_usage === true,
    firstTokenMs: scenario === "slow" ? settings.slowMs : settings.firstTokenMs,
    tokensPerSecond: settings.tokensPerSecond,
    damage: scenario === "cut" || scenario === "garbage" ? scenario : null,
  };
}

function envelopeOf({ account, clock, requestId, arrivedAt }: Arrival) {
  const processingMs = clock.now() - arrivedAt;
  return { organization: account.organization, requestId, processingMs };
}

/** An error as OpenAI sends it. */
export function refuse(error: OpenAiError, arrival: Arrival): Response {
  const headers = envelopeHeaders(envelopeOf(arrival), "application/json");
  if (error.retryAfterMs !== undefined) setRetryAfter(headers, error.retryAfterMs);
  return new Response(errorBody(error), { status: error.status, headers });
}

/** The id that a request goes by in headers and messages. */
export function newRequestId(random: Random): string {
  return randomId("req_", 32, random);
}

import { providerKinds } from "../../providers/index.ts";
import { makeAttempt, type AttemptResult } from "../../src/attempt/make-attempt.ts";
import { SeatBoard } from "../../src/attempt/seats.ts";
import { unknownFacts } from "../../src/config/models.ts";
import type { Failure } from "../../src/contract/failure.ts";
import type { Timeouts } from "../../src/contract/route.ts";
import { bodyText, nowOf, type AnswerRow, type FailureRow } from "./failure-rows.ts";

const patient: Timeouts = {
  headersMs: 10_000,
  wholeMs: 10_000,
  firstTokenMs: 10_000,
  idleMs: 10_000,
  totalMs: 60_000,
  coldStartMs: 10_000,
  alive: "anything",
};

/** Lets a row happen to a whole attempt, as the router makes it; only the wire is the test's. */
async function attempt(row: FailureRow | AnswerRow, stream: boolean): Promise<AttemptResult> {
  const kind = providerKinds.get(row.provider);
  if (kind === undefined) throw new Error(`there is no kind ${row.provider}`);
  const account = { name: "up", baseUrl: "http://localhost/v1", apiKey: "key", headers: {} };
  const now = nowOf(row);
  const request = Object.freeze({ model: "m", messages: [{ role: "user", content: "Hi" }] });
  return makeAttempt(
    {
      candidate: "up/m",
      provider: kind.connect(account),
      model: "m",
      facts: unknownFacts,
      fitted: { request, adapted: [], mustMatch: null },
      promptRatio: 1,
      refused: new Set(),
      allowDegrade: false,
      seats: null,
      timeouts: patient,
      carryOn: null,
    },
    {
      request,
      seats: new SeatBoard(() => 1),
      stream,
      hideUsage: true,
      errorFrame: ({ message }) => new TextEncoder().encode(`data: {"error":"${message}"}\n\n`),
      hold: { tokens: 0, ms: 0 },
      deadlineAt: now + 60_000,
      signal: new AbortController().signal,
      fetch: () => answerOf(row),
      clock: { now: () => now },
      wait: () => Promise.resolve(),
    },
  );
}

async function answerOf(row: FailureRow | AnswerRow): Promise<Response> {
  if (row.where === "network") throw Object.assign(new Error(), row.body);
  return new Response(bodyText(row), { status: row.status, headers: row.headers });
}

/** The failure that an attempt ends with, before or after its first output; null when it is served. */
export async function failureOfAttempt(
  row: FailureRow | AnswerRow,
  stream: boolean,
): Promise<Failure | null> {
  const result = await attempt(row, stream);
  if (!result.ok) return result.failure;
  if (result.reply.form === "document") return null;
  await new Response(result.reply.body).text();
  const ending = await result.reply.ended;
  return ending.how === "truncated" ? ending.failure : null;
}

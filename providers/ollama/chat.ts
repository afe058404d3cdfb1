import type { ProviderAnswer, ProviderCall, ProviderEvent } from "../../src/contract/provider.ts";
import type { Failure } from "../../src/contract/failure.ts";
import { isRecord } from "../shared/json-values.ts";
import type { OllamaAccount } from "./account.ts";
import { leftOut } from "./checked-lines.ts";
import { contextNeeded, largestContext } from "./context-size.ts";
import { modelName } from "./model-name.ts";
import { mostContext, tellOf } from "./told.ts";
import { unsupportedFailure } from "../shared/unsupported-failure.ts";
import type { Thinking } from "./thinking-memory.ts";
import { AnswerTranslation } from "./translate-answer.ts";
import { hasImages } from "./translate-messages.ts";
import { translateRequest } from "./translate-request.ts";
import { OllamaWire } from "./wire.ts";

/** How a request is put to a model. */
interface Put {
  readonly numCtx: number;
  readonly thinking: Thinking;
}

/** So often a request is put anew, the larger context each time a load of the model. */
const mostAgain = 3;

/**
 * One answer from Ollama. Always streamed, whatever the app wants: a tunnel in front cuts a
 * connection that is silent for 100 s, which a whole answer easily takes.
 * What only the way of asking made the model refuse is asked again in another: a level of thinking,
 * which few models know, and a context that an estimate has made too small.
 */
export async function chat(account: OllamaAccount, call: ProviderCall): Promise<ProviderAnswer> {
  const seesNothing = await losesImages(account, call);
  if (seesNothing !== null) return refused(seesNothing);
  const told = account.told.get(modelName(call.model));
  const most = mostContext(account, call.facts?.contextWindow, told?.facts.contextWindow);
  const bounds = { most, least: told?.numCtx ?? null };
  const needed = contextNeeded(call.request, call.promptTokens(), bounds);
  const numCtx = keptContext(account, call, { most, needed });
  const put = { numCtx, thinking: thinkingOf(account, call) };
  return askFitting(account, call, put, { most, left: mostAgain });
}

async function askFitting(
  account: OllamaAccount,
  call: ProviderCall,
  put: Put,
  { most, left }: { readonly most: number | null; readonly left: number },
): Promise<ProviderAnswer> {
  const answer = await ask(account, call, put);
  if (answer.ok || left === 0) return answer;
  const room = { most, left: left - 1 };
  const thinking = otherThinking(answer.failure);
  if (thinking !== null && thinking !== put.thinking) {
    account.thinking.learn(call.model, thinking, seenBy(account, call));
    return askFitting(account, call, { ...put, thinking }, room);
  }
  const needed = largerContext(answer.failure, put, most);
  if (needed === null) return answer;
  const numCtx = keptContext(account, call, { most, needed });
  return askFitting(account, call, { ...put, numCtx }, room);
}

/** The context to ask for: what is needed, or the larger one that the model is loaded with. */
function keptContext(
  account: OllamaAccount,
  { model, clock }: ProviderCall,
  { needed, most }: { readonly needed: number; readonly most: number | null },
): number {
  const size = account.contexts.sizeFor(model, needed, clock.now());
  return Math.min(size, most ?? size);
}

/** The next context for a prompt that was longer than estimated; null when there is no larger one. */
function largerContext({ class: as }: Failure, { numCtx }: Put, most: number | null) {
  const size = Math.min(numCtx * 2, most ?? largestContext);
  return as === "context_length" && size > numCtx ? size : null;
}

/**
 * Why a request with images cannot be answered; null when it can. A model without eyes answers all
 * the same, as if there were no image, so what nobody has told yet is asked.
 */
async function losesImages(account: OllamaAccount, call: ProviderCall): Promise<string | null> {
  const { model, request, facts } = call;
  const takesThem = facts?.images ?? null;
  if (takesThem === true || !request.messages.some(hasImages)) return null;
  const told = takesThem === null ? await tellOf(account, { model }, call) : null;
  if ((takesThem ?? told?.facts.images) !== false) return null;
  return "this model takes no images: Ollama would answer as if there were none";
}

/** What the account knows of a model is newer than the facts, which come with the checks. */
function thinkingOf(account: OllamaAccount, call: ProviderCall): Thinking {
  const learnt = account.thinking.of(call.model, seenBy(account, call));
  return learnt ?? (call.facts?.reasoning === false ? "never" : "levels");
}

function seenBy({ told }: OllamaAccount, { model, clock }: ProviderCall) {
  return { now: clock.now(), changed: told.get(modelName(model))?.changed ?? null };
}

/** How a model that refused may be told to think; null when that is not what it refused. */
function otherThinking({ status, message, body }: Failure): Thinking | null {
  if (status !== 400) return null;
  const said = message ?? body ?? "";
  if (/does not support thinking/i.test(said)) return "never";
  return /think value .{1,20} is not supported/i.test(said) ? "switch" : null;
}

function refused(reason: string): ProviderAnswer {
  return { ok: false, failure: unsupportedFailure(reason), limits: null };
}

async function ask(account: OllamaAccount, call: ProviderCall, put: Put): Promise<ProviderAnswer> {
  const { keepAlive = null, think = null } = account.options;
  const translated = translateRequest(call.request, {
    model: call.model,
    ...put,
    keepAlive,
    think,
    refused: call.refused ?? new Set(),
    allowDegrade: call.allowDegrade ?? false,
  });
  if (!translated.ok) return refused(translated.reason);
  const now = (): number => call.clock.now();
  const wire = new OllamaWire(account, {
    fetch: call.fetch,
    signal: call.signal,
    expects: "lines",
    now,
  });
  try {
    const lines = await wire.client().chat(translated.body);
    const { status, headers } = wire.response ?? new Response();
    const events = abortable(readEvents(lines, wire, call), wire);
    const { adapted } = translated;
    const output = { form: "events", events } as const;
    return { ok: true, status, headers, output, limits: null, adapted };
  } catch (error) {
    return { ok: false, failure: wire.explain(error) ?? wire.saidInStream(""), limits: null };
  }
}

async function* readEvents(
  lines: AsyncIterable<unknown>,
  wire: OllamaWire,
  call: ProviderCall,
): AsyncGenerator<ProviderEvent, undefined> {
  const id = `chatcmpl-${crypto.randomUUID().replaceAll("-", "")}`;
  const created = Math.floor(call.clock.now() / 1000);
  const answer = new AnswerTranslation({ id, created, model: call.model });
  try {
    for await (const line of lines) {
      if (isRecord(line) && line["lifeboat"] === leftOut.lifeboat) {
        yield { type: "malformed" };
        continue;
      }
      const chunks = answer.read(line);
      if (chunks === null) {
        yield { type: "failure", failure: wire.saidInStream(onlyLoaded) };
        return;
      }
      for (const chunk of chunks) yield { type: "chunk", chunk };
    }
  } catch (error) {
    // Whose abort it was, the caller's or a clock's, only the attempt knows.
    if (call.signal.aborted) throw error;
    const failure = wire.explain(error);
    if (failure !== null) yield { type: "failure", failure };
  } finally {
    wire.close();
  }
}

/** Put as Ollama puts its errors, so that the table of failures reads it. */
const onlyLoaded = '{"error":"the model gave no answer, done_reason: load"}';

/** A generator's `return()` waits for the read under way; this one ends it. */
function abortable(
  events: AsyncGenerator<ProviderEvent, undefined>,
  wire: OllamaWire,
): AsyncIterable<ProviderEvent> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => events.next(),
      return: () => {
        wire.close();
        return events.return(undefined);
      },
    }),
  };
}

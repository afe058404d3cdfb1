import type { ProviderAnswer, ProviderCall, ProviderEvent } from "../../src/contract/provider.ts";
import type { Failure } from "../../src/contract/failure.ts";
import { isRecord } from "../shared/json-values.ts";
import type { OllamaAccount } from "./account.ts";
import { leftOut } from "./checked-lines.ts";
import { contextNeeded } from "./context-size.ts";
import { modelName } from "./model-name.ts";
import { mostContext, tellOf } from "./told.ts";
import { unsupportedFailure } from "../shared/unsupported-failure.ts";
import { AnswerTranslation } from "./translate-answer.ts";
import { hasImages } from "./translate-messages.ts";
import { type Thinking, translateRequest } from "./translate-request.ts";
import { OllamaWire } from "./wire.ts";

/**
 * One answer from Ollama. Always streamed, whatever the app wants: a tunnel in front cuts a
 * connection that is silent for 100 s, which a whole answer easily takes.
 * A model that refuses how it is told to think is asked once more, in the way it understands: else
 * an app that sends `reasoning_effort` would find hardly a local model that serves it.
 */
export async function chat(account: OllamaAccount, call: ProviderCall): Promise<ProviderAnswer> {
  const { model, request } = call;
  const seesNothing = await losesImages(account, call);
  if (seesNothing !== null) return refused(seesNothing);
  const told = account.told.get(modelName(model));
  const most = mostContext(account, call.facts?.contextWindow ?? told?.facts.contextWindow);
  const bounds = { most, least: told?.numCtx ?? null, promptRatio: call.promptRatio ?? 1 };
  const needed = contextNeeded(request, bounds);
  const size = account.contexts.sizeFor(model, needed, call.clock.now());
  const numCtx = Math.min(size, most ?? size);
  const thinking = thinkingOf(account, call);
  const answer = await ask(account, call, { numCtx, thinking });
  const instead = answer.ok ? null : otherThinking(answer.failure);
  if (instead === null || instead === thinking) return answer;
  account.thinking.set(modelName(model), instead);
  return ask(account, call, { numCtx, thinking: instead });
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
function thinkingOf(account: OllamaAccount, { model, facts }: ProviderCall): Thinking {
  return (
    account.thinking.get(modelName(model)) ?? (facts?.reasoning === false ? "never" : "levels")
  );
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

async function ask(
  account: OllamaAccount,
  call: ProviderCall,
  fitting: { numCtx: number; thinking: Thinking },
): Promise<ProviderAnswer> {
  const { keepAlive = null, think = null } = account.options;
  const translated = translateRequest(call.request, {
    model: call.model,
    ...fitting,
    keepAlive,
    think,
    refused: call.refused ?? new Set(),
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

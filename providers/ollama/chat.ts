import type { ProviderAnswer, ProviderCall, ProviderEvent } from "../../src/contract/provider.ts";
import type { Failure } from "../../src/contract/failure.ts";
import { isRecord } from "../shared/json-values.ts";
import type { OllamaAccount } from "./account.ts";
import { leftOut } from "./checked-lines.ts";
import { contextNeeded } from "./context-size.ts";
import { unsupportedFailure } from "./failures.ts";
import { AnswerTranslation } from "./translate-answer.ts";
import { translateRequest } from "./translate-request.ts";
import { OllamaWire } from "./wire.ts";

/**
 * One answer from Ollama. Always streamed, whatever the app wants: a tunnel in front cuts a
 * connection that is silent for 100 s, which a whole answer easily takes.
 * A model that refuses `think` is asked once more without: else an app that sends
 * `reasoning_effort` would find no local model that serves it.
 */
export async function chat(account: OllamaAccount, call: ProviderCall): Promise<ProviderAnswer> {
  const { model, request } = call;
  const numCtx = account.contexts.sizeFor(model, contextNeeded(request), call.clock.now());
  const thinks = !account.thoughtless.has(model);
  const answer = await ask(account, call, { numCtx, thinks });
  if (answer.ok || !thinks || !refusesThinking(answer.failure)) return answer;
  account.thoughtless.add(model);
  return ask(account, call, { numCtx, thinks: false });
}

async function ask(
  account: OllamaAccount,
  call: ProviderCall,
  fitting: { numCtx: number; thinks: boolean },
): Promise<ProviderAnswer> {
  const translated = translateRequest(call.request, { model: call.model, ...fitting });
  if (!translated.ok) {
    return { ok: false, failure: unsupportedFailure(translated.reason), limits: null };
  }
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

function refusesThinking({ status, message, body }: Failure): boolean {
  return status === 400 && /does not support thinking/i.test(message ?? body ?? "");
}

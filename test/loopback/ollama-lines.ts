import { isRecord, list, type Body } from "./json-bodies.ts";
import type { OllamaBehaviour } from "./ollama-behaviour.ts";
import type { OllamaModel } from "./ollama-machine.ts";
import { promptTokens, thinks, wordsOf } from "./ollama-refusals.ts";

export const createdAt = "2026-11-01T12:00:00.000000001Z";

/** The lines of the answer, the last with `done` and the counts. */
export function linesOf(
  body: Body,
  behaviour: OllamaBehaviour,
  model: OllamaModel,
): readonly Body[] {
  const messages = list(body["messages"]);
  const last = messages.at(-1);
  const line = (message: Body): Body => ({
    model: body["model"],
    created_at: createdAt,
    message: { role: "assistant", content: "", ...message },
    done: false,
  });
  if (last === undefined) return [{ ...line({}), done: true, done_reason: "load" }];

  const text = String(last["content"]);
  const calls = last["role"] === "user" ? callsIn(text, list(body["tools"])) : [];
  const options = isRecord(body["options"]) ? body["options"] : {};
  const words = calls.length > 0 ? [] : echoOf(text, body, behaviour);
  const limit = options["num_predict"];
  const said = typeof limit === "number" ? words.slice(0, limit) : words;
  const thought = model.can.includes("thinking") && (body["think"] === undefined || thinks(body));
  const generated = [
    ...(behaviour.emptyFirst === true ? [line({})] : []),
    ...(thought ? ["Let ", "me ", "echo."].map((thinking) => line({ thinking })) : []),
    ...said.map((content) => ({ ...line({ content }), ...logprobsOf(body, content) })),
    ...calls.map((call) => line({ tool_calls: [call] })),
  ];
  const done_reason = behaviour.doneReason ?? (said.length < words.length ? "length" : "stop");
  return [
    ...generated,
    { ...line({}), done: true, done_reason, ...counts(body, generated.length, model) },
  ];
}

function echoOf(
  text: string,
  { format }: Body,
  { repeat = 1 }: OllamaBehaviour,
): readonly string[] {
  const words = wordsOf(format === undefined ? text : asJson(text));
  return Array.from({ length: repeat }, () => words).flat();
}

/** A word is a token, and a sure one. */
function logprobsOf({ logprobs, top_logprobs: top = 0 }: Body, token: string): Body {
  if (logprobs !== true) return {};
  const told = { token, logprob: -0.01, bytes: [...Buffer.from(token)] };
  return { logprobs: [{ ...told, ...(Number(top) > 0 && { top_logprobs: [told] }) }] };
}

function counts(body: Body, generated: number, model: OllamaModel): Body {
  return {
    total_duration: 5_043_500_667,
    load_duration: 5_025_959,
    prompt_eval_count: Math.min(promptTokens(body), contextOf(body, model)),
    prompt_eval_duration: 325_953_000,
    eval_count: generated,
    eval_duration: 4_709_213_000,
  };
}

function callsIn(text: string, tools: readonly Body[]): readonly Body[] {
  const names = tools.map(({ function: called }) =>
    isRecord(called) ? String(called["name"]) : "",
  );
  const meant = names.filter((name) => name !== "" && text.includes(name));
  return meant.map((name, index) => ({
    id: `call_${index}x7kq2ab`,
    function: { index, name, arguments: { text, count: 2 } },
  }));
}

export function contextOf({ options }: Body, { numCtx = 4096 }: OllamaModel): number {
  const size = isRecord(options) ? options["num_ctx"] : undefined;
  return typeof size === "number" ? size : numCtx;
}

function asJson(text: string): string {
  return JSON.stringify({ echo: text });
}

/** The same as one document, for those who want no stream. */
export function whole(lines: readonly Body[]): Body {
  const messages = lines.map(({ message }) => (isRecord(message) ? message : {}));
  const content = messages.map((message) => String(message["content"])).join("");
  const tool_calls = messages.flatMap((message) => list(message["tool_calls"]));
  const message = { role: "assistant", content, ...(tool_calls.length > 0 && { tool_calls }) };
  return { ...lines.at(-1), message };
}

import type { ChatCompletion, ToolCall, Usage } from "../contract/chat.ts";
import type { Answer } from "./answer/compose.ts";
import type { ChatBody } from "./read-chat-request.ts";
import { hash, randomId } from "./seed.ts";
import { countPrompt, countTokens } from "./tokens.ts";

/** What an answer's calls add to its tokens besides their names and arguments. */
const perToolCall = 8;

export type Choice = ChatCompletion["choices"][number];

/** A whole answer; `usage` is always there, however it is sent. */
export interface Completion extends ChatCompletion {
  readonly usage: Usage;
}

/**
 * Makes composed choices into the document that OpenAI answers with. The model is called what the
 * app called it. Source: https://platform.openai.com/docs/api-reference/chat/object
 */
export function completionOf(
  chat: ChatBody,
  answers: readonly Answer[],
  { now, random }: { now: number; random: () => number },
): Completion {
  const choices = answers.map((answer, index) => choiceOf(answer, index, random));
  return {
    id: randomId("chatcmpl-", 29, random),
    object: "chat.completion",
    created: Math.floor(now / 1000),
    model: chat.model,
    choices,
    usage: usageOf(countPrompt(chat), answers),
    service_tier: "default",
    system_fingerprint: `fp_${hash(chat.model).toString(16).padStart(10, "0")}`,
  };
}

function choiceOf(answer: Answer, index: number, random: () => number): Choice {
  const { toolUse, finish } = answer;
  const calls: readonly ToolCall[] =
    toolUse === null
      ? []
      : [{ id: randomId("call_", 24, random), type: "function", function: toolUse }];
  const message = {
    role: "assistant",
    content: answer.text,
    ...(calls.length > 0 && { tool_calls: calls }),
    refusal: null,
    annotations: [],
  };
  return { index, message, logprobs: null, finish_reason: finish };
}

function usageOf(promptTokens: number, answers: readonly Answer[]): Usage {
  const completionTokens = answers.reduce((sum, answer) => sum + tokensOf(answer), 0);
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function tokensOf({ text, toolUse }: Answer): number {
  if (toolUse === null) return countTokens(text);
  return perToolCall + countTokens(toolUse.name) + countTokens(toolUse.arguments);
}

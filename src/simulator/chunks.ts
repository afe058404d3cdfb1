import type { ChatChunk, ChunkChoice, Delta } from "../contract/chat.ts";
import type { Choice, Completion } from "./completion.ts";
import { splitTokens } from "./tokens.ts";

/** One event of a stream: how many tokens have to be written before it is sent. */
export interface Piece {
  readonly data: string;
  /** null where the event carries no output: it is sent with no wait. */
  readonly token: number | null;
}

/**
 * A completion as the events of OpenAI's stream: the role, the text or call in pieces of a token,
 * the finish reason, the usage if the app asked for it, `[DONE]`.
 * Source: https://platform.openai.com/docs/api-reference/chat-streaming
 */
export function piecesOf(completion: Completion, withUsage: boolean): readonly Piece[] {
  const base = {
    id: completion.id,
    object: "chat.completion.chunk",
    created: completion.created,
    model: completion.model,
    service_tier: completion["service_tier"],
    system_fingerprint: completion["system_fingerprint"],
  } as const;
  const chunkOf = (choices: readonly ChunkChoice[]): ChatChunk =>
    withUsage ? { ...base, choices, usage: null } : { ...base, choices };
  let token = 0;
  const pieces = completion.choices.flatMap((choice) =>
    eventsOf(choice).map(({ delta, finish }): Piece => {
      const chunkChoice = { index: choice.index, delta, logprobs: null, finish_reason: finish };
      const data = JSON.stringify(chunkOf([chunkChoice]));
      return isOutput(delta) ? { data, token: token++ } : { data, token: null };
    }),
  );
  const usage: ChatChunk = { ...base, choices: [], usage: completion.usage };
  const last = withUsage ? [{ data: JSON.stringify(usage), token: null }] : [];
  return [...pieces, ...last, { data: "[DONE]", token: null }];
}

interface ChoiceEvent {
  readonly delta: Delta;
  readonly finish: string | null;
}

function eventsOf({ message, finish_reason }: Choice): readonly ChoiceEvent[] {
  const call = message.tool_calls?.[0];
  const deltas: readonly Delta[] =
    call === undefined
      ? [
          { role: "assistant", content: "", refusal: null },
          ...splitTokens(message.content ?? "").map((content) => ({ content })),
        ]
      : [
          { role: "assistant", content: null, refusal: null },
          {
            tool_calls: [
              {
                index: 0,
                id: call.id,
                type: "function",
                function: { name: call.function.name, arguments: "" },
              },
            ],
          },
          ...splitTokens(call.function.arguments).map((part) => ({
            tool_calls: [{ index: 0, function: { arguments: part } }],
          })),
        ];
  const events = deltas.map((delta) => ({ delta, finish: null }));
  return [...events, { delta: {}, finish: finish_reason }];
}

function isOutput({ role, content, tool_calls }: Delta): boolean {
  return role === undefined && (typeof content === "string" || tool_calls !== undefined);
}

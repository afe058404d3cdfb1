import type { Failure } from "../contract/failure.ts";
import type { AttemptRecord, Skip } from "../contract/decision.ts";

/** OpenAI's error object, extended with what Lifeboat did. */
export interface OpenAiError {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
    readonly lifeboat?: {
      readonly decision: string;
      readonly attempts: readonly AttemptRecord[];
      readonly skipped: readonly Skip[];
    };
  };
}

export function openAiError(
  error: { message: string; type: string; code: string | null; param?: string | null },
  lifeboat?: OpenAiError["error"]["lifeboat"],
): OpenAiError {
  const { message, type, code, param = null } = error;
  return { error: { message, type, param, code, ...(lifeboat !== undefined && { lifeboat }) } };
}

const encoder = new TextEncoder();

/** The event that ends a stream which broke after its start; the official clients raise it as an APIError. */
export function openAiErrorFrame(failure: Failure): Uint8Array {
  const error = openAiError({
    message: `The provider's stream broke off (${failure.class}); what was sent so far is not the whole answer.`,
    type: "server_error",
    code: `upstream_${failure.class}`,
  });
  return encoder.encode(`data: ${JSON.stringify(error)}\n\n`);
}

import { Validator } from "@cfworker/json-schema";
import type { ChatCompletion } from "../contract/chat.ts";
import type { Failure } from "../contract/failure.ts";
import { ownFailure } from "./own-failure.ts";

/**
 * Judges answers by a JSON schema that the provider itself does not hold the model to. An answer
 * that was cut at its most tokens, refuses or calls tools is what it says it is, and passes.
 */
export function checkAgainst(schema: object): (answer: ChatCompletion) => Failure | null {
  return ({ choices }) => {
    for (const { message, finish_reason: finish } of choices) {
      const calls = (message.tool_calls?.length ?? 0) > 0;
      const refuses = typeof message.refusal === "string" && message.refusal !== "";
      if (finish === "length" || calls || refuses) continue;
      const wrong = wrongIn(message.content ?? "", schema);
      if (wrong !== null) return brokenContract(wrong);
    }
    return null;
  };
}

function wrongIn(text: string, schema: object): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  try {
    const { valid, errors } = new Validator(schema, "2020-12").validate(value);
    return valid ? null : `at ${errors.at(-1)?.instanceLocation ?? "#"}`;
  } catch {
    // A schema that cannot be read judges nobody.
    return null;
  }
}

/** Says where, and not what: the answer is the app's. */
function brokenContract(where: string): Failure {
  return ownFailure({
    class: "unsupported",
    failsOver: true,
    code: "json_schema_not_met",
    message: `the answer does not match the JSON schema: ${where}`,
  });
}

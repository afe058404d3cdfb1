import type { z } from "zod";
import { Refusal } from "../contract/refusal.ts";

/** Says which filter of a query is wrong, or unknown. */
export function wrongQuery(issue: z.core.$ZodIssue | undefined): Refusal {
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const param = unknown ?? issue?.path.map(String).join(".") ?? "";
  const message =
    unknown === undefined
      ? `Invalid ${param}: ${issue?.message ?? ""}.`
      : `Unknown filter ${param}.`;
  return new Refusal(400, { type: "invalid_request_error", code: "invalid_query", message, param });
}

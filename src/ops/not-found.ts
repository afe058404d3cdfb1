import { Refusal } from "../contract/refusal.ts";

export function notFound(message: string): Refusal {
  return new Refusal(404, { type: "invalid_request_error", code: "not_found", message });
}

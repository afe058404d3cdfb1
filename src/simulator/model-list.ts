import { prices } from "./prices.ts";
import { scenarios } from "./scenario.ts";

/** 2024-01-01T00:00:00Z, in seconds; the list never changes. */
const created = 1_704_067_200;

interface Model {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: string;
}

/** The names that `GET /models` shows. Any other name is answered too, as an ordinary model. */
const names: readonly string[] = ["simulator", ...Object.keys(prices), ...scenarios];

/** Source: https://platform.openai.com/docs/api-reference/models/list */
export function modelList(): string {
  return JSON.stringify({ object: "list", data: names.map(modelNamed) }, null, 2);
}

/** One model's entry; null for a name that is not in the list. */
export function modelEntry(id: string): string | null {
  return names.includes(id) ? JSON.stringify(modelNamed(id), null, 2) : null;
}

function modelNamed(id: string): Model {
  return { id, object: "model", created, owned_by: "lifeboat-simulator" };
}

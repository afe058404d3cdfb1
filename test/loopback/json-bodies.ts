/** A parsed JSON object of which nothing is known. */
export type Body = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isString(value: unknown): value is string {
  return typeof value === "string";
}

/** The items of the wanted type, objects unless said otherwise; none where there is no list. */
export function list(value: unknown): readonly Body[];
export function list<T>(value: unknown, is: (item: unknown) => item is T): readonly T[];
export function list(
  value: unknown,
  is: (item: unknown) => boolean = isRecord,
): readonly unknown[] {
  return Array.isArray(value) ? value.filter(is) : [];
}

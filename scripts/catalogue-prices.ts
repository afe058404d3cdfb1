import type { ConditionalPrice, ModelInfo, ModelPrice } from "@pydantic/genai-prices";

/** What a million tokens cost in dollars, in the order in which the catalogue has them. */
const fields = [
  "input_mtok",
  "output_mtok",
  "cache_read_mtok",
  "cache_write_mtok",
  "output_reasoning_mtok",
];

/** Prices that a count of tokens does not tell: with one of these, a price is not known. */
const uncounted = ["requests_kcount", "input_text_messages_kcount"];

/**
 * A model's prices per million tokens, in dollars; none when they are not known. A price that rises
 * with the prompt is `base>tokens:price`. Of several hours of the day the dearest counts: a limit on
 * cost must hold.
 */
export function pricesOf(model: ModelInfo | null, now: Date): string[] {
  if (model === null) return [];
  const current = currentPrice(model.prices, now);
  if (uncounted.some((field) => current[field] !== undefined)) return [];
  const prices = fields.map((field) => priceText(current[field]));
  if (prices[0] === "-" || prices[1] === "-") return [];
  while (prices.at(-1) === "-") prices.pop();
  return prices;
}

function priceText(price: ModelPrice[string]): string {
  if (price === undefined) return "-";
  if (typeof price === "number") return String(price);
  return [price.base, ...price.tiers.map((tier) => `${tier.start}:${tier.price}`)].join(">");
}

function currentPrice(prices: ConditionalPrice[] | ModelPrice, now: Date): ModelPrice {
  if (!isConditional(prices)) return prices;
  const begun = prices.filter(({ constraint }) => {
    return constraint?.type !== "start_date" || new Date(constraint.start_date) <= now;
  });
  const [first, ...others] = begun.map(({ prices: one }) => one);
  const byHour = begun.some(({ constraint }) => constraint?.type === "time_of_date");
  if (!byHour) return others.at(-1) ?? first ?? {};
  return others.reduce((most, one) => (input(one) > input(most) ? one : most), first ?? {});
}

function isConditional(prices: ConditionalPrice[] | ModelPrice): prices is ConditionalPrice[] {
  return Array.isArray(prices);
}

function input(price: ModelPrice): number {
  const found = price["input_mtok"];
  return typeof found === "number" ? found : (found?.base ?? 0);
}

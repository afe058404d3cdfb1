import { isRecord, type JsonRecord } from "../shared/json-values.ts";
import { tokensIn } from "../shared/listed-facts.ts";
import { listedPrice, perMillion } from "../shared/listed-price.ts";
import type { ListingSpec } from "../shared/listing.ts";

/** The account's search for models. https://developers.cloudflare.com/api/resources/ai/subresources/models/methods/list/ */
export const modelSearch: ListingSpec = {
  url: (baseUrl) =>
    baseUrl.endsWith("/ai/v1")
      ? `${baseUrl.slice(0, -"/v1".length)}/models/search?per_page=1000`
      : null,
  names: (entry) => [entry["name"]],
  facts(entry) {
    const list = Array.isArray(entry["properties"]) ? entry["properties"].filter(isRecord) : [];
    const value = (id: string): unknown =>
      list.find(({ property_id: its }) => its === id)?.["value"];
    const prices = pricesIn(value("price"));
    return {
      // Numbers and truths are text here.
      contextWindow: tokensIn(Number(value("context_window"))),
      tools: value("function_calling") === "true" ? true : null,
      images: value("vision") === "true" ? true : null,
      reasoning: value("reasoning") === "true" ? true : null,
      price: listedPrice(
        {
          input: prices("per M input tokens"),
          output: prices("per M output tokens"),
          cachedInput: prices("per M cached input tokens"),
        },
        perMillion,
      ),
    };
  },
};

function pricesIn(value: unknown): (unit: string) => unknown {
  const prices: readonly JsonRecord[] = Array.isArray(value) ? value.filter(isRecord) : [];
  return (unit) =>
    prices.find((one) => one["unit"] === unit && one["currency"] === "USD")?.["price"];
}

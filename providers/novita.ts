import { commonFacts, partOf } from "./shared/listed-facts.ts";
import { listedPrice } from "./shared/listed-price.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://novita.ai/docs/guides/llm-api */
export const novita = openAiCompatible({
  kind: "novita",
  baseUrl: "https://api.novita.ai/openai/v1",
  apiKeyEnv: "NOVITA_API_KEY",
  requestQuirks: { roles: systemOnly },
  // Its prices are ten-thousandths of a dollar per million tokens.
  listing: {
    facts(entry) {
      const { input_token_price_per_m: input, output_token_price_per_m: output } = entry;
      const cached = partOf(partOf(entry, "pricing"), "input_cache_read")["price_per_m"];
      const price = listedPrice({ input, output, cachedInput: cached }, { worth: 1 / 10_000 });
      return { ...commonFacts(entry), price };
    },
  },
  failures: {
    rules: [],
  },
});

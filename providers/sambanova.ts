import { commonFacts, partOf } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import { sambanovaLimits } from "./shared/limit-tables.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.sambanova.ai/docs/en/api-reference/using-the-api/api-error-codes */
export const sambanova = openAiCompatible({
  kind: "sambanova",
  baseUrl: "https://api.sambanova.ai/v1",
  apiKeyEnv: "SAMBANOVA_API_KEY",
  requestQuirks: { roles: systemOnly },
  // https://docs.sambanova.ai/docs/api-reference/models/get-environments-available-model-list-metadata: dollars per token.
  listing: {
    facts(entry) {
      const { prompt: input, completion: output } = partOf(entry, "pricing");
      return { ...commonFacts(entry), price: listedPrice({ input, output }, perToken) };
    },
  },
  failures: {
    limits: sambanovaLimits,
    rules: [],
  },
});

import { firstKnown } from "../src/contract/facts.ts";
import { commonFacts, inputsIn, partOf } from "./shared/listed-facts.ts";
import { listedPrice, perToken } from "./shared/listed-price.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.tokenfactory.nebius.com/ */
export const nebius = openAiCompatible({
  kind: "nebius",
  baseUrl: "https://api.tokenfactory.nebius.com/v1",
  apiKeyEnv: "NEBIUS_API_KEY",
  requestQuirks: { roles: systemOnly },
  // Dollars per token, as text.
  listing: {
    url: (baseUrl) => `${baseUrl}/models?verbose=true`,
    facts(entry) {
      const { prompt: input, completion: output } = partOf(entry, "pricing");
      // As `text+image->text`.
      const { modality } = partOf(entry, "architecture");
      const sorts = typeof modality === "string" ? modality.split("->")[0]?.split("+") : null;
      return firstKnown(
        { price: listedPrice({ input, output }, perToken) },
        inputsIn(sorts),
        commonFacts(entry),
      );
    },
  },
  failures: {
    rules: [],
  },
});

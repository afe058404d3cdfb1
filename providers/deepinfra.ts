import { featuresIn, partOf, tokensIn } from "./shared/listed-facts.ts";
import { listedPrice, perMillion } from "./shared/listed-price.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://deepinfra.com/docs/openai_api */
export const deepinfra = openAiCompatible({
  kind: "deepinfra",
  baseUrl: "https://api.deepinfra.com/v1/openai",
  apiKeyEnv: "DEEPINFRA_API_KEY",
  requestQuirks: { roles: systemOnly },
  // All of it stands in `metadata`; dollars per million tokens. Its tags need not be all.
  listing: {
    facts(entry) {
      const metadata = partOf(entry, "metadata");
      const pricing = partOf(metadata, "pricing");
      const { input_tokens: input, output_tokens: output } = pricing;
      return {
        ...featuresIn(metadata["tags"]),
        contextWindow: tokensIn(metadata["context_length"]),
        maxOutput: tokensIn(metadata["max_tokens"]),
        price: listedPrice(
          { input, output, cachedInput: pricing["cache_read_tokens"] },
          perMillion,
        ),
      };
    },
  },
  failures: {
    rules: [],
  },
});

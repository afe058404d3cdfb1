import { isRecord } from "./shared/json-values.ts";
import { commonFacts, partOf, saidOf } from "./shared/listed-facts.ts";
import { listedPrice, perMillion } from "./shared/listed-price.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://huggingface.co/docs/inference-providers */
export const huggingface = openAiCompatible({
  kind: "huggingface",
  baseUrl: "https://router.huggingface.co/v1",
  apiKeyEnv: "HF_TOKEN",
  // Each model with the providers that serve it, by dollars per million tokens; it is asked for by
  // its name alone, where any may serve, or as `model:provider`. https://huggingface.co/docs/inference-providers/hub-api
  listing: {
    split({ id, providers }) {
      const live = Array.isArray(providers) ? providers.filter(isRecord) : [];
      return live
        .filter(({ status }) => status === undefined || status === "live")
        .map((one) => ({ ...one, id, aliases: [`${String(id)}:${String(one["provider"])}`] }));
    },
    facts(entry) {
      const { input, output } = partOf(entry, "pricing");
      return {
        ...commonFacts(entry),
        jsonSchema: saidOf(entry["supports_structured_output"]),
        price: listedPrice({ input, output }, perMillion),
      };
    },
  },
  failures: {
    rules: [],
  },
});

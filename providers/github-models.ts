import { firstKnown } from "../src/contract/facts.ts";
import { featuresIn, inputsIn, partOf, tokensIn, windowOf } from "./shared/listed-facts.ts";
import type { ListingSpec } from "./shared/listing.ts";
import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.github.com/en/rest/models/catalog: a bare array. What a plan allows of it in one request is not told. */
const listing: ListingSpec = {
  url: (baseUrl) =>
    baseUrl.endsWith("/inference")
      ? `${baseUrl.slice(0, -"/inference".length)}/catalog/models`
      : null,
  facts(entry) {
    const limits = partOf(entry, "limits");
    const maxOutput = tokensIn(limits["max_output_tokens"]);
    return firstKnown(
      { contextWindow: windowOf(tokensIn(limits["max_input_tokens"]), maxOutput), maxOutput },
      inputsIn(entry["supported_input_modalities"]),
      featuresIn(entry["capabilities"], entry["tags"]),
    );
  },
};

/** https://docs.github.com/en/github-models */
export const githubModels = openAiCompatible({
  kind: "github-models",
  baseUrl: "https://models.github.ai/inference",
  apiKeyEnv: "GITHUB_TOKEN",
  listing,
  failures: {
    quotaScope: "candidate",
    rules: [
      // `UserByModelByDay`, `UserByModelByMinute…`, `UserConcurrentRequests`: the rule's name tells the window.
      // https://docs.github.com/en/github-models/use-github-models/prototyping-with-ai-models#rate-limits
      { as: "quota_exhausted", text: /exceeded for \w*byday|per 86400s/, scope: "candidate" },
      { as: "rate_limited", text: /exceeded for \w*(?:byminute|concurrent)/ },
      { as: "request_too_large", code: /^tokens_limit_reached$/ },
    ],
  },
});

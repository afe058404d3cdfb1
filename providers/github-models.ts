import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.github.com/en/github-models */
export const githubModels = openAiCompatible({
  kind: "github-models",
  baseUrl: "https://models.github.ai/inference",
  apiKeyEnv: "GITHUB_TOKEN",
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

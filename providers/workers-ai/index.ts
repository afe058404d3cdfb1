import type { ProviderKind } from "../../src/contract/provider.ts";
import { openAiCompatible } from "../shared/openai-compatible.ts";
import { modelSearch } from "./model-search.ts";
import { fetchFromBinding, isAiBinding } from "./binding.ts";

/** Its REST API: `https://api.cloudflare.com/client/v4/accounts/{account}/ai/v1`. https://developers.cloudflare.com/workers-ai/platform/errors/ */
const rest = openAiCompatible({
  kind: "workers-ai",
  baseUrl: null,
  apiKeyEnv: "CLOUDFLARE_API_TOKEN",
  listing: modelSearch,
  failures: {
    rules: [
      // The same numbers stand in `errors[].code` and before the message that the binding throws.
      { as: "quota_exhausted", code: /^(?:3036|4006)$/ },
      { as: "overloaded", code: /^3040$/ },
      { as: "context_length", code: /^(?:3010|5021)$/, text: /context|token/ },
      { as: "model_not_found", code: /^(?:5007|3042|5016|5018|3041|5035)$/ },
      { as: "auth", code: /^(?:3023|10000|7003)$/ },
      { as: "request_too_large", code: /^3006$/ },
      { as: "timeout", code: /^(?:3007|3008|3046)$/ },
      { as: "unsupported", code: /^(?:5005|5019)$/ },
      { as: "bad_request", code: /^(?:3003|3039|5004|5006)$/ },
      // The model's own failure: https://developers.cloudflare.com/workers-ai/features/json-mode/
      { as: "bad_request", text: /json mode couldn't be met/, failsOver: true },
    ],
  },
});

/** No such host exists: what is sent there goes to the binding. */
const boundUrl = "https://workers-ai.invalid/v1";

/**
 * Workers AI, by its REST API or by the Worker's own binding (`transport: "binding:AI"`), which needs
 * no key and no machine.
 */
export const workersAi: ProviderKind = {
  ...rest,
  connect(settings) {
    const { binding } = settings;
    if (!isAiBinding(binding)) return rest.connect(settings);
    const account = rest.connect({ ...settings, baseUrl: boundUrl });
    const fetch = fetchFromBinding(binding);
    return {
      ...account,
      call: (call) => account.call({ ...call, fetch }),
      // There is nothing to ask: a binding is there or the Worker would not start.
      check: () => Promise.resolve({ ready: true, models: null }),
    };
  },
};

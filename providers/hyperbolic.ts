import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://docs.hyperbolic.xyz/ */
export const hyperbolic = openAiCompatible({
  kind: "hyperbolic",
  baseUrl: "https://api.hyperbolic.xyz/v1",
  apiKeyEnv: "HYPERBOLIC_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

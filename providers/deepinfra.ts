import { openAiCompatible } from "./shared/openai-compatible.ts";
import { systemOnly } from "./shared/upstream-body.ts";

/** https://deepinfra.com/docs/openai_api */
export const deepinfra = openAiCompatible({
  kind: "deepinfra",
  baseUrl: "https://api.deepinfra.com/v1/openai",
  apiKeyEnv: "DEEPINFRA_API_KEY",
  requestQuirks: { roles: systemOnly },
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.wandb.ai/support/inference */
export const coreweaveWandb = openAiCompatible({
  kind: "coreweave-wandb",
  baseUrl: "https://api.inference.wandb.ai/v1",
  apiKeyEnv: "WANDB_API_KEY",
  failures: {
    rules: [],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** https://docs.api.nvidia.com/nim/reference/llm-apis */
export const nvidiaNim = openAiCompatible({
  kind: "nvidia-nim",
  baseUrl: "https://integrate.api.nvidia.com/v1",
  apiKeyEnv: "NVIDIA_API_KEY",
  failures: {
    rules: [
      // An outage of the function, under 400; it recovers in minutes:
      // https://docs.nvidia.com/cloud-functions/user-guide/latest/cloud-function/function-lifecycle.html
      { as: "server_error", text: /degraded function/ },
    ],
  },
});

import { openAiCompatible } from "./shared/openai-compatible.ts";

/** Vertex AI: `https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}/endpoints/openapi`. https://cloud.google.com/vertex-ai/generative-ai/docs/start/openai */
export const vertex = openAiCompatible({
  kind: "vertex",
  baseUrl: null,
  apiKeyEnv: "VERTEX_ACCESS_TOKEN",
  failures: {
    quotaScope: "candidate",
    rules: [
      // The free tier is closed to some regions; FAILED_PRECONDITION under 400:
      // https://ai.google.dev/gemini-api/docs/troubleshooting
      { as: "auth", text: /location is not supported|not available in your (?:country|region)/ },
    ],
  },
});

import type { ModelFacts } from "../../src/contract/route.ts";
import type { ModelQuirks } from "./upstream-body.ts";

/** Models that think before they answer refuse what steers the choice of words. https://platform.openai.com/docs/guides/reasoning */
const thinkers = /^(?:o\d|gpt-5)(?!.*chat)/;
/** Later ones take it again where they do not think. */
const fixedSampling = /^(?:o\d|gpt-5(?:-(?:mini|nano|pro|codex|\d{4}).*)?$)/;

/** How OpenAI's own models differ among themselves, wherever they run. */
export function openAiModelQuirks(model: string): ModelQuirks {
  return {
    ...(thinkers.test(model) && { rename: { max_tokens: "max_completion_tokens" } }),
    ...(fixedSampling.test(model) && {
      drop: [
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
        "top_logprobs",
        "logit_bias",
      ],
    }),
  };
}

/** Schemas came with gpt-4o. https://platform.openai.com/docs/guides/structured-outputs#supported-models */
export function openAiModelFacts(model: string): Partial<ModelFacts> {
  if (/^gpt-(?:3\.5-turbo|4-turbo|4-1106|4-0125)/.test(model)) {
    return { jsonSchema: false, jsonMode: true };
  }
  if (/^gpt-4(?:-0\d|-32k|$)/.test(model)) return { jsonSchema: false, jsonMode: false };
  return /^(?:gpt-4o|gpt-4\.1|gpt-5|o[134])/.test(model)
    ? { jsonSchema: true, jsonMode: true }
    : {};
}

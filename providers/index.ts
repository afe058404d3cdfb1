import type { ProviderKind } from "../src/contract/provider.ts";
import { deepseek } from "./deepseek.ts";
import { gemini } from "./gemini.ts";
import { groq } from "./groq.ts";
import { mistral } from "./mistral.ts";
import { ollama } from "./ollama/index.ts";
import { openai } from "./openai.ts";
import { openaiCompatible } from "./openai-compatible.ts";
import { openrouter } from "./openrouter.ts";
import { simulator } from "./simulator.ts";
import { together } from "./together.ts";
import { xai } from "./xai.ts";

/** The registry: the only list of providers. One line per kind, by the name that the config uses. */
export const providerKinds: ReadonlyMap<string, ProviderKind> = new Map(
  [openai, openaiCompatible, groq, deepseek, openrouter, mistral, together, xai, gemini, ollama, simulator].map(
    (kind) => [kind.kind, kind],
  ),
);

import type { Config } from "./src/config/schema.ts";

/**
 * Which providers there are, and which of them may serve what, in which order.
 * Keys are named here and kept in `.dev.vars` (locally) or in Worker secrets (deployed); a
 * candidate whose key is missing is skipped.
 */
const config: Config = {
  providers: {
    openai: { kind: "openai", apiKey: "env.OPENAI_API_KEY" },
    groq: { kind: "groq", apiKey: "env.GROQ_API_KEY" },
    deepseek: { kind: "deepseek", apiKey: "env.DEEPSEEK_API_KEY" },
    gemini: { kind: "gemini", apiKey: "env.GEMINI_API_KEY" },
    mistral: { kind: "mistral", apiKey: "env.MISTRAL_API_KEY" },
    openrouter: { kind: "openrouter", apiKey: "env.OPENROUTER_API_KEY" },
    // On this machine; deployed it wants a `baseUrl` that Cloudflare reaches: docs/ollama.md.
    ollama: { kind: "ollama" },
  },
  routes: {
    "gpt-4o-mini": [
      "openai/gpt-4o-mini",
      "groq/llama-3.3-70b-versatile",
      "deepseek/deepseek-chat",
      "gemini/gemini-2.5-flash",
      "mistral/mistral-small-latest",
      "openrouter/openai/gpt-4o-mini",
      "ollama/llama3.2",
    ],
    "gpt-4o": [
      "openai/gpt-4o",
      "openai/gpt-4o-mini",
      "deepseek/deepseek-chat",
      "gemini/gemini-2.5-flash",
      "ollama/llama3.2",
    ],
    // Any other model: OpenAI by that name, else the local machine.
    "*": ["openai/*", "ollama/llama3.2"],
  },
  // For a machine with no key at all: an account out of credit in front, a simulated answer behind.
  withoutKeys: {
    providers: {
      "simulated-openai": { kind: "simulator", simulator: { creditUsd: 0 } },
      simulator: { kind: "simulator" },
    },
    first: ["simulated-openai/*"],
    last: ["simulator/*"],
  },
};

export default config;

import { aPrice, rate } from "../plan/a-candidate.ts";

/** What a recorded listing says, and where it is asked for. */
interface Row {
  readonly kind: string;
  readonly base?: string;
  readonly path?: string;
  readonly models: Readonly<Record<string, object>>;
}

export const rows: readonly Row[] = [
  {
    kind: "openrouter",
    models: {
      "vendor/large": {
        contextWindow: 262_144,
        maxOutput: 65_536,
        tools: true,
        parallelTools: true,
        images: true,
        audio: false,
        jsonSchema: true,
        jsonMode: true,
        reasoning: true,
        price: aPrice(0.3, 2.5, { cachedInput: rate(0.03), cacheWrite: rate(0.375) }),
      },
      // A list of parameters is of all that can be had: what is not in it cannot. "0" is free.
      "vendor/plain:free": {
        contextWindow: 8_192,
        tools: false,
        images: false,
        audio: false,
        jsonSchema: false,
        jsonMode: false,
        reasoning: false,
        price: aPrice(0, 0),
      },
      "openrouter/auto": { contextWindow: 2_000_000, images: true, audio: true },
      "vendor/with-fee": {
        contextWindow: 128_000,
        images: false,
        audio: false,
        tools: false,
        jsonSchema: false,
        jsonMode: false,
        reasoning: false,
      },
    },
  },
  {
    kind: "groq",
    models: {
      "llama-3.3-70b-versatile": { contextWindow: 131_072, maxOutput: 32_768 },
      // Which schemas it takes is known of the kind, and no matter of the listing.
      "qwen/qwen3.6-27b": {
        contextWindow: 131_072,
        maxOutput: 16_384,
        images: true,
        audio: false,
        tools: true,
        reasoning: true,
        price: aPrice(0.6, 3, { cachedInput: rate(0.3) }),
      },
      "in-another-unit": { contextWindow: 131_072 },
    },
  },
  {
    kind: "mistral",
    models: {
      "mistral-large-latest": {
        contextWindow: 262_144,
        tools: true,
        images: true,
        audio: false,
        reasoning: false,
      },
      "of-unstated-length": { tools: false, images: false },
    },
  },
  {
    kind: "together",
    models: {
      "vendor/chat": {
        contextWindow: 131_072,
        price: aPrice(0.88, 0.9, { cachedInput: rate(0.2) }),
      },
      "vendor/by-the-hour": { contextWindow: 8_192 },
    },
  },
  {
    kind: "fireworks",
    models: {
      "accounts/fireworks/models/chat": { contextWindow: 163_840, tools: true, images: false },
    },
  },
  {
    kind: "moonshot",
    models: {
      "kimi-new": { contextWindow: 262_144, images: true, reasoning: true },
      "moonshot-old": { contextWindow: 8_192, images: false, reasoning: false },
    },
  },
  {
    kind: "cerebras",
    path: "/public/v1/models",
    models: {
      "gpt-oss-120b": {
        contextWindow: 131_072,
        maxOutput: 40_960,
        tools: true,
        images: false,
        reasoning: true,
        price: aPrice(0.35, 0.75),
      },
    },
  },
  {
    kind: "sambanova",
    models: {
      "Meta-Llama-3.3-70B-Instruct": {
        contextWindow: 131_072,
        maxOutput: 3_072,
        price: aPrice(0.6, 1.2),
      },
      "priced-by-number": { contextWindow: 16_384, maxOutput: 4_096, price: aPrice(0.1, 0.2) },
    },
  },
  {
    kind: "deepinfra",
    models: {
      "vendor/chat": {
        contextWindow: 163_840,
        maxOutput: 16_384,
        images: true,
        reasoning: true,
        price: aPrice(0.5, 2.15, { cachedInput: rate(0.4) }),
      },
      "vendor/bare": {},
    },
  },
  {
    kind: "novita",
    models: {
      "vendor/chat": {
        contextWindow: 163_840,
        maxOutput: 65_536,
        images: false,
        audio: false,
        tools: true,
        jsonSchema: true,
        reasoning: true,
        price: aPrice(0.269, 0.4, { cachedInput: rate(0.1345) }),
      },
    },
  },
  {
    kind: "nebius",
    path: "/v1/models?verbose=true",
    models: {
      "vendor/chat": {
        contextWindow: 131_072,
        images: true,
        audio: false,
        tools: true,
        price: aPrice(0.13, 0.4),
      },
    },
  },
  {
    kind: "huggingface",
    models: {
      // Any of the two may serve: the larger window, and only what both say.
      "vendor/chat": { contextWindow: 131_072, tools: true },
      "vendor/chat:two": {
        contextWindow: 65_536,
        tools: true,
        jsonSchema: false,
        price: aPrice(0.3, 0.9),
      },
    },
  },
  {
    kind: "xai",
    path: "/v1/language-models",
    models: {
      "grok-latest": {
        images: true,
        audio: false,
        price: aPrice(3, 15, { cachedInput: rate(0.75) }),
      },
      "grok-long": {
        images: false,
        audio: false,
        price: aPrice(0, 0, {
          input: { base: 1.25, above: [{ tokens: 200_000, price: 2.5 }] },
          output: { base: 2.5, above: [{ tokens: 200_000, price: 5 }] },
        }),
      },
    },
  },
  { kind: "vllm", models: { served: { contextWindow: 32_768 } } },
  { kind: "sglang", models: { served: { contextWindow: 40_960 } } },
  {
    kind: "llamacpp",
    models: {
      "served.gguf": { contextWindow: 131_072 },
      "in-its-slot.gguf": { contextWindow: 8_192 },
    },
  },
  {
    kind: "lmstudio",
    path: "/api/v0/models",
    models: {
      seeing: { contextWindow: 16_384, images: true, tools: true },
      "put-away": { contextWindow: 131_072, images: false },
    },
  },
  {
    kind: "litellm",
    path: "/v1/model/info",
    models: {
      chat: {
        contextWindow: 1_047_576 + 32_768,
        maxOutput: 32_768,
        images: true,
        tools: true,
        parallelTools: true,
        jsonSchema: true,
        price: aPrice(2, 8, { cachedInput: rate(0.5) }),
      },
      "unknown-to-it": {},
      "two-of-them": { contextWindow: 208_000, maxOutput: 8_000, tools: true },
    },
  },
  {
    kind: "anthropic",
    path: "/v1/models?limit=1000",
    models: {
      "claude-new": { contextWindow: 200_000, maxOutput: 64_000, images: true, reasoning: true },
      "claude-placeholder": {},
    },
  },
  {
    kind: "gemini",
    base: "/v1beta/openai",
    path: "/v1beta/models?pageSize=1000",
    models: {
      "gemini-new": { contextWindow: 1_048_576 + 65_536, maxOutput: 65_536, reasoning: true },
    },
  },
  {
    kind: "github-models",
    base: "/inference",
    path: "/catalog/models",
    models: {
      "vendor/chat-mini": {
        contextWindow: 1_048_576 + 32_768,
        maxOutput: 32_768,
        images: true,
        audio: false,
        tools: true,
      },
    },
  },
  {
    kind: "vercel-ai-gateway",
    models: {
      "vendor/chat": {
        contextWindow: 200_000,
        maxOutput: 8_192,
        images: true,
        tools: true,
        reasoning: true,
        price: aPrice(3, 15, { cachedInput: rate(0.3), cacheWrite: rate(3.75) }),
      },
      "vendor/tiered": { contextWindow: 1_000_000, maxOutput: 64_000 },
    },
  },
  {
    kind: "workers-ai",
    base: "/client/v4/accounts/a/ai/v1",
    path: "/client/v4/accounts/a/ai/models/search?per_page=1000",
    models: { "@cf/vendor/chat": { contextWindow: 24_000, tools: true, price: aPrice(0.95, 4) } },
  },
];

import { describe, expect, test } from "vitest";
import { lookUp } from "../../providers/catalogue/look-up.ts";
import { providerKinds } from "../../providers/index.ts";

function described(kind: string, model: string, baseUrl = "http://localhost/v1") {
  const settings = { name: "p", baseUrl, apiKey: null, headers: {} };
  return providerKinds.get(kind)?.connect(settings).describe(model);
}

describe("the catalogue", () => {
  test("knows windows, abilities and prices of well-known models", () => {
    expect(lookUp("openai", "gpt-4o-mini")).toMatchObject({
      contextWindow: 128_000,
      maxOutput: 16_384,
      tools: true,
      images: true,
      price: { input: { base: 0.15 }, output: { base: 0.6 }, cachedInput: { base: 0.075 } },
    });
    expect(lookUp("openai", "GPT-4o-mini-2024-07-18").price).toMatchObject({
      input: { base: 0.15 },
    });
  });

  test("puts together what stands in two lines", () => {
    expect(lookUp("anthropic", "claude-sonnet-4-20250514")).toMatchObject({
      tools: true,
      price: { input: { base: 3 } },
    });
  });

  test("knows prices that rise with the prompt", () => {
    expect(lookUp("anthropic", "claude-sonnet-4-5").price?.input).toEqual({
      base: 3,
      above: [{ tokens: 200_000, price: 6 }],
    });
  });

  test("says nothing of what it does not know: neither no, nor free of charge", () => {
    expect(lookUp("openai", "gpt-of-tomorrow")).toEqual({});
    expect(lookUp("openai-compatible", "gpt-4o")).toEqual({});
    expect(lookUp("openrouter", "deepseek/deepseek-chat:free")).not.toHaveProperty("price");
  });
});

describe("a kind's own word", () => {
  test("goes before the catalogue's", () => {
    expect(described("deepseek", "deepseek-chat")).toMatchObject({
      jsonSchema: false,
      jsonMode: true,
      tools: true,
    });
  });

  test("is that nobody charges for a model on one's own machine, and nothing of cloud models", () => {
    expect(described("vllm", "any")).toMatchObject({ price: { input: { base: 0 } } });
    expect(described("ollama", "llama3.2")).toMatchObject({ price: { input: { base: 0 } } });
    expect(described("ollama", "gpt-oss:120b-cloud")).not.toHaveProperty("price");
    expect(described("ollama", "gpt-oss:120b", "https://ollama.com")).not.toHaveProperty("price");
  });
});

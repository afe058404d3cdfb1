import { expect, test } from "vitest";
import { describeProvider } from "../../scripts/readiness.ts";

const pull = "the model is not on http://localhost:11434: ollama pull llama3.2";

test.each([
  [{ ready: true, reason: null }, "ollama: ready"],
  [
    { ready: false, reason: "nothing answers at http://localhost:11434" },
    "ollama: nothing answers at http://localhost:11434",
  ],
  [
    { ready: true, reason: null, models: [{ model: "llama3.2", state: "missing", advice: pull }] },
    `ollama: ${pull}`,
  ],
  [
    {
      ready: true,
      reason: null,
      models: [
        { model: "llama3.2", state: "cold", advice: null },
        { model: "qwen3", state: "warm", advice: null },
      ],
    },
    "ollama: ready; loaded when first asked: llama3.2",
  ],
])("the start banner says of %j what to do about it", (provider, line) => {
  expect(describeProvider({ name: "ollama", ...provider })).toBe(line);
});

import { describe, expect, test } from "vitest";
import { ThinkingMemory } from "../../providers/ollama/thinking-memory.ts";

const hour = 60 * 60_000;

describe("how a model that refused may be told to think", () => {
  test("is remembered by all its names for an hour", () => {
    const memory = new ThinkingMemory();
    memory.learn("qwen3", "switch", { now: 0, changed: null });
    expect(memory.of("library/qwen3:latest", { now: hour - 1, changed: null })).toBe("switch");
    expect(memory.of("qwen3:8b", { now: 0, changed: null })).toBeNull();
    expect(memory.of("qwen3", { now: hour, changed: null })).toBeNull();
  });

  test("is forgotten when the model changes", () => {
    const memory = new ThinkingMemory();
    memory.learn("qwen3", "never", { now: 0, changed: "monday" });
    expect(memory.of("qwen3", { now: 1, changed: "monday" })).toBe("never");
    expect(memory.of("qwen3", { now: 1, changed: "tuesday" })).toBeNull();
  });
});

import { describe, expect, it } from "vitest";
import { Fitting } from "./fitting.ts";
import { eventually } from "./start-router.ts";

const at = new Fitting();

describe("a model that is not on the machine", () => {
  it("is named with the line that fetches it, and passed over", async () => {
    await at.serveBy(["ollama/mistral", "second/m"]);
    const { providers } = await at.lookAround();
    expect(providers.find(({ name }) => name === `ollama${at.round}`)?.models).toEqual([
      {
        model: "mistral",
        state: "missing",
        advice: expect.stringContaining("ollama pull mistral"),
      },
    ]);
    const since = at.ollama.requests.length;
    const response = await at.ask("hi");
    expect(at.servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("model_missing");
    expect(at.chats(since)).toHaveLength(0);
  });
});

describe("a model that has to be loaded first", () => {
  const clocks = { headersMs: 700, firstTokenMs: 700 };

  it("is given the time that it takes", async () => {
    at.ollama.unload();
    at.ollama.behave({ coldLoadMs: 1_500 });
    await at.serveBy(["ollama/llama3.2", "second/m"], {
      route: { timeouts: { ...clocks, coldStartMs: 10_000 } },
    });
    await at.lookAround();
    expect(at.servedBy(await at.ask("hi", { stream: true }))).toBe("ollama/llama3.2");
  });

  it("is left for the next candidate when that is too long", async () => {
    at.ollama.unload();
    at.ollama.behave({ coldLoadMs: 8_000 });
    await at.serveBy(["ollama/llama3.2", "second/m"], {
      route: { timeouts: { ...clocks, coldStartMs: 1_000 } },
    });
    await at.lookAround();
    const began = Date.now();
    const response = await at.ask("hi", { stream: true });
    expect(at.servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("timeout");
    expect(Date.now() - began).toBeGreaterThan(900);
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it("is loaded once when a candidate before it goes out of service", async () => {
    at.ollama.unload();
    await at.serveBy(["first/m", "second/m", "ollama/llama3.2"]);
    await at.lookAround();
    const since = at.ollama.requests.length;
    await Promise.all([1, 2, 3].map(async () => (await at.ask("hi")).text()));
    const loads = () =>
      at.ollama.requests.slice(since).filter(({ path }) => path === "/api/generate");
    await eventually(async () => (loads().length > 0 ? true : undefined));
    expect(loads()).toHaveLength(1);
    expect(loads()[0]?.body).toMatchObject({ model: "llama3.2", prompt: "", keep_alive: "15m" });
    expect(at.chats(since)).toHaveLength(0);
  });
});

describe("a machine that takes so many requests and no more", () => {
  it("is not asked by those who found no place in time", async () => {
    at.ollama.behave({ stallMs: 400 });
    const small = { use: "ollama/llama3.2", maxConcurrent: 1, maxQueue: 1, queueMs: 150 };
    await at.serveBy([small, "second/m"]);
    const since = at.ollama.requests.length;
    const began = Date.now();
    const responses = await Promise.all(
      [1, 2, 3].map(async () => {
        const response = await at.ask("one two three four", { stream: true });
        return { by: at.servedBy(response), after: Date.now() - began, text: response.text() };
      }),
    );
    expect(responses.map(({ by }) => by).toSorted()).toEqual([
      "ollama/llama3.2",
      "second/m",
      "second/m",
    ]);
    expect(at.chats(since)).toHaveLength(1);
    for (const { by, after } of responses) if (by === "second/m") expect(after).toBeLessThan(1_500);
    await Promise.all(responses.map(({ text }) => text));
    // Its place is free again.
    expect(at.servedBy(await at.ask("hi"))).toBe("ollama/llama3.2");
  });

  it("whose own queue is full counts as overloaded", async () => {
    // A model that is loaded has no queue to be full: requests for it wait in silence.
    at.ollama.unload();
    at.ollama.behave({ places: 0 });
    await at.serveBy(["ollama/llama3.2", "second/m"]);
    const response = await at.ask("hi");
    expect(at.servedBy(response)).toBe("second/m");
    expect(response.headers.get("x-lifeboat-failover")).toBe("overloaded");
  });
});

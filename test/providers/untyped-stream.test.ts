import { expect, it } from "vitest";
import { openaiCompatible } from "../../providers/openai-compatible.ts";

const provider = openaiCompatible.connect({
  name: "up",
  baseUrl: "http://localhost:1/v1",
  apiKey: null,
  headers: {},
});

async function formOf(stream: boolean): Promise<string> {
  const body = new Response('data: {"choices":[]}\n\n').body;
  const answer = await provider.call({
    promptTokens: () => 1,
    model: "m",
    request: { model: "m", messages: [{ role: "user", content: "Hi" }] },
    stream,
    signal: new AbortController().signal,
    fetch: async () => new Response(body),
    clock: { now: () => 0 },
  });
  return answer.ok ? answer.output.form : answer.failure.class;
}

it("a stream that was asked for is one, also where the server forgets to say so", async () => {
  expect(await formOf(true)).toBe("sse");
  expect(await formOf(false)).toBe("json");
});

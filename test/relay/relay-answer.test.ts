import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Failure } from "../../src/contract/failure.ts";
import type { ProviderEvent, ProviderOutput } from "../../src/contract/provider.ts";
import { relayAnswer } from "../../src/relay/relay-answer.ts";
import {
  chunk,
  cutAt,
  data,
  done,
  encoder,
  failed,
  options,
  read,
  role,
  sse,
  stop,
  text,
  usage,
  usageChunk,
} from "./made-streams.ts";

function unnumbered(call: object): object {
  return { index: 0, delta: { tool_calls: [call] }, finish_reason: null };
}

describe("a stream", () => {
  it("is passed on byte for byte, without the usage that the app did not ask for", async () => {
    const result = await relayAnswer(
      sse([role, `: ping\n\n${text}`, stop, data(usageChunk), done]),
      options(),
    );
    const { body, ending } = await read(result);
    expect(body).toBe(`${role}: ping\n\n${text}${stop}${done}`);
    const events = 3;
    const bytes = role.length + ": ping\n\n".length + text.length + stop.length;
    expect(ending).toEqual({
      how: "complete",
      usage,
      model: "real-model",
      malformed: 0,
      delivered: { events, bytes },
    });
  });

  it("comes through as it was, wherever its bytes are cut and whatever ends its lines", async () => {
    const event = fc.constantFrom(role, text, data(chunk({ content: "Grüße 🛟" })), ": ping\n\n");
    const ends = fc.constantFrom("\n", "\r\n", "\r");
    const cuts = fc.array(fc.nat(), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(event), ends, cuts, async (events, lineEnd, at) => {
        const lf = [text, ...events, stop, done].join("");
        const bytes = encoder.encode(lf.replaceAll("\n", lineEnd));
        const result = await relayAnswer(cutAt(bytes, at), options({ hideUsage: false }));
        // Nothing behind [DONE] is waited for, not even the second half of its line end.
        const { body } = await read(result);
        expect(body.trimEnd()).toBe(lf.replaceAll("\n", lineEnd).trimEnd());
      }),
    );
  });

  it("has the usage taken out of a chunk that also carries output", async () => {
    const last = data(chunk({}, "stop", { usage }));
    const hidden = await read(await relayAnswer(sse([role, text, last, done]), options()));
    expect(hidden.body).toBe(role + text + stop + done);
    expect(hidden.ending.usage).toEqual(usage);
    const shown = await relayAnswer(sse([role, text, last, done]), options({ hideUsage: false }));
    expect((await read(shown)).body).toBe(role + text + last + done);
  });

  it("keeps the usage for an app that asked for it", async () => {
    const result = await relayAnswer(
      sse([role, text, stop, data(usageChunk), done]),
      options({ hideUsage: false }),
    );
    expect((await read(result)).body).toContain('"prompt_tokens":3');
  });

  it.each([
    ["an error event comes first", sse([role, data({ error: { message: "overloaded" } })])],
    ["it breaks after the role", sse([role], "break")],
    ["it ends after the role", sse([role])],
    ["it says [DONE] without any output", sse([role, done])],
  ])("is a failure and nothing is sent when %s", async (_name, output) => {
    const result = await relayAnswer(output, options());
    expect(result.ok).toBe(false);
  });

  it("that breaks after output ends with an error frame and without [DONE]", async () => {
    const result = await relayAnswer(sse([role, text], "break"), options());
    const { body, ending } = await read(result);
    expect(body).toBe(`${role}${text}data: {"error":"broken: reset"}\n\n`);
    expect(ending.how).toBe("truncated");
  });

  it("that closes without a finish reason is truncated, not ended", async () => {
    const { body, ending } = await read(await relayAnswer(sse([role, text]), options()));
    expect(body).not.toContain("[DONE]");
    expect(body).toContain("error");
    expect(ending.how).toBe("truncated");
  });

  it("that forgets only its [DONE] is whole, and gets one", async () => {
    const { body, ending } = await read(await relayAnswer(sse([role, text, stop]), options()));
    expect(body.endsWith(done)).toBe(true);
    expect(ending.how).toBe("complete");
  });

  it("loses a malformed event and goes on", async () => {
    const result = await relayAnswer(sse([role, text, 'data: {"choi\n\n', stop, done]), options());
    expect((await read(result)).body).toBe(`${role}${text}${stop}${done}`);
  });

  it("is read no faster than the app takes it", async () => {
    let asked = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          asked += 1;
          controller.enqueue(encoder.encode(text));
        },
      },
      { highWaterMark: 0 },
    );
    const result = await relayAnswer({ form: "sse", body }, options());
    if (!result.ok || result.reply.form !== "stream") throw new Error("no stream came");
    const reader = result.reply.body.getReader();
    await reader.read();
    await reader.read();
    expect(asked).toBe(2);
    await reader.cancel();
    expect(await result.reply.ended).toMatchObject({ how: "cancelled" });
  });

  it("that ends because the caller left is cancelled, not broken", async () => {
    const gone: Failure = { ...failed("the caller left"), class: "cancelled" };
    const failures = { ...options().failures, broken: () => gone };
    const { ending, body } = await read(
      await relayAnswer(sse([role, text], "break"), options({ failures })),
    );
    expect(ending).toMatchObject({ how: "cancelled" });
    expect(body).not.toContain("error");
  });

  it("is put together for an app that asked for a whole answer", async () => {
    const call = {
      index: 0,
      id: "call_1",
      type: "function" as const,
      function: { name: "f", arguments: "" },
    };
    const pieces = [
      role,
      data(chunk({ tool_calls: [call] })),
      data(chunk({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] })),
      data(chunk({ tool_calls: [{ index: 0, function: { arguments: "1}" } }] })),
      data(chunk({}, "tool_calls")),
      data(usageChunk),
      done,
    ];
    const result = await relayAnswer(sse(pieces), options({ stream: false }));
    if (!result.ok || result.reply.form !== "document") throw new Error("no document came");
    expect(JSON.parse(result.reply.text)).toMatchObject({
      object: "chat.completion",
      model: "real-model",
      choices: [
        {
          message: {
            content: null,
            tool_calls: [{ id: "call_1", function: { name: "f", arguments: '{"a":1}' } }],
          },
          finish_reason: "tool_calls",
        },
      ],
      usage,
    });
  });

  it("is put together with the probabilities that were asked for", async () => {
    const pieces = ["a", "b"].map((token) => {
      const [choice] = chunk({ content: token }).choices;
      const logprobs = { content: [{ token, logprob: -0.5, bytes: null, top_logprobs: [] }] };
      return `data: ${JSON.stringify({ ...chunk({}), choices: [{ ...choice, logprobs }] })}\n\n`;
    });
    const output = sse([role, ...pieces, data(chunk({}, "stop")), done]);
    const result = await relayAnswer(output, options({ stream: false }));
    if (!result.ok || result.reply.form !== "document") throw new Error("no document came");
    const { logprobs } = JSON.parse(result.reply.text).choices[0];
    expect(logprobs.content).toMatchObject([{ token: "a" }, { token: "b", logprob: -0.5 }]);
  });

  it("is put together from tool calls that are not numbered", async () => {
    const pieces = [
      { id: "call_1", function: { name: "f", arguments: '{"a"' } },
      { function: { arguments: ":1}" } },
      { id: "call_2", function: { name: "g", arguments: "{" } },
      { id: "call_2", function: { arguments: "}" } },
      { function: { name: "h", arguments: "{}" } },
    ].map((piece) => `data: ${JSON.stringify({ ...chunk({}), choices: [unnumbered(piece)] })}\n\n`);
    const output = sse([role, ...pieces, data(chunk({}, "tool_calls")), done]);
    const result = await relayAnswer(output, options({ stream: false }));
    if (!result.ok || result.reply.form !== "document") throw new Error("no document came");
    const { tool_calls: calls } = JSON.parse(result.reply.text).choices[0].message;
    expect(calls).toMatchObject([
      { id: "call_1", function: { name: "f", arguments: '{"a":1}' } },
      { id: "call_2", function: { name: "g", arguments: "{}" } },
      { function: { name: "h", arguments: "{}" } },
    ]);
  });

  it("that breaks before a whole answer is there is a failure", async () => {
    const result = await relayAnswer(sse([role, text], "break"), options({ stream: false }));
    expect(result).toMatchObject({ ok: false, failure: { message: "broken: reset" } });
  });
});

describe("translated events", () => {
  async function* events(...list: ProviderEvent[]): AsyncGenerator<ProviderEvent> {
    yield* list;
  }
  const first: ProviderEvent = { type: "chunk", chunk: chunk({ content: "Hi" }) };
  const last: ProviderEvent = { type: "chunk", chunk: chunk({}, "stop") };

  it("become the same stream", async () => {
    const result = await relayAnswer({ form: "events", events: events(first, last) }, options());
    expect((await read(result)).body).toBe(`${text}${stop}${done}`);
  });

  it("are whole at their end, though a choice that was asked for never came", async () => {
    const output = { form: "events", events: events(first, last) } as const;
    const { body, ending } = await read(await relayAnswer(output, options({ choices: 2 })));
    expect(body).toBe(`${text}${stop}${done}`);
    expect(ending.how).toBe("complete");
  });

  it("with a failure before any output are a failure", async () => {
    const failure: ProviderEvent = { type: "failure", failure: failed("no model") };
    const result = await relayAnswer({ form: "events", events: events(failure) }, options());
    expect(result).toMatchObject({ ok: false, failure: { message: "no model" } });
  });
});

describe("a document", () => {
  const completion = {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "real-model",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    usage,
  };
  const json = (value: string): ProviderOutput => ({ form: "json", read: async () => value });

  it("is passed on as it came", async () => {
    const source = `{ "extra": 1.0, ${JSON.stringify(completion).slice(1)}`;
    const result = await relayAnswer(json(source), options({ stream: false }));
    expect(result).toEqual({
      ok: true,
      reply: { form: "document", text: source, usage, model: "real-model", malformed: 0 },
    });
  });

  it.each([
    ["an error in a 200", JSON.stringify({ error: { message: "quota" } })],
    [
      "an error in a choice",
      JSON.stringify({ ...completion, choices: [{ finish_reason: "error" }] }),
    ],
    ["no choices", JSON.stringify({ ...completion, choices: [] })],
    ["half a document", JSON.stringify(completion).slice(0, 40)],
    ["nothing", ""],
  ])("that is %s is a failure", async (_name, body) => {
    const result = await relayAnswer(json(body), options({ stream: false }));
    expect(result).toMatchObject({ ok: false, failure: { message: `body: ${body}` } });
  });

  it("becomes a stream for an app that asked for one", async () => {
    const { body } = await read(await relayAnswer(json(JSON.stringify(completion)), options()));
    expect(body).toContain('"delta":{"role":"assistant","content":"Hi"}');
    expect(body.endsWith(done)).toBe(true);
  });
});

import { describe, expect, it } from "vitest";
import type { Hold } from "../../src/contract/route.ts";
import { FrameCutter } from "../../src/relay/frame-cutter.ts";
import { relayAnswer } from "../../src/relay/relay-answer.ts";
import {
  chunk,
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
} from "./made-streams.ts";

const buffered: Hold = { tokens: Infinity, ms: Infinity };
const held = (tokens: number): Hold => ({ tokens, ms: Infinity });

const decoder = new TextDecoder();
const trimmed = (frame: Uint8Array): string => decoder.decode(frame).trim();

describe("before its first output a stream", () => {
  it.each([
    ["comments", ": ping\n\n"],
    ["empty deltas", data(chunk({ content: "" }))],
    ["roles", role],
    ["null fields", data(chunk({ content: null, tool_calls: [], reasoning: null }))],
    ["usage", data({ ...chunk({}), choices: [], usage: {} })],
  ])("may say %s and still be given up unseen", async (_name, event) => {
    const result = await relayAnswer(sse([event, event.repeat(3)], "break"), options());
    expect(result).toMatchObject({ ok: false, failure: { message: "broken: reset" } });
  });

  it.each([
    ["text", { content: "x" }],
    ["reasoning", { reasoning_content: "x" }],
    ["reasoning in details", { reasoning_details: [{ type: "reasoning.encrypted" }] }],
    ["a refusal", { refusal: "no" }],
    ["a tool call", { tool_calls: [{ index: 0, id: "call_1" }] }],
    ["sound", { audio: { id: "a" } }],
  ])("is let go by %s", async (_name, delta) => {
    const result = await relayAnswer(sse([role, data(chunk(delta))], "break"), options());
    expect((await read(result)).ending.how).toBe("truncated");
  });

  it("is broken when it says 64 KiB of nothing", async () => {
    const comments = Array.from({ length: 70 }, () => ": x".padEnd(1023, "x").concat("\n\n"));
    const late = await relayAnswer(sse([...comments, text, stop, done]), options());
    expect(late.ok).toBe(false);
    const soon = await relayAnswer(sse([...comments.slice(10), text, stop, done]), options());
    expect(soon.ok).toBe(true);
  });

  it("is broken when one event says 64 KiB and does not end", async () => {
    const large = data(chunk({ content: "x".repeat(70 * 1024) }));
    const pieces = large.match(/[^]{1,1024}/g) ?? [];
    expect((await relayAnswer(sse([role, ...pieces, stop, done]), options())).ok).toBe(false);
    const behind = await relayAnswer(sse([text, ...pieces, stop, done]), options());
    expect((await read(behind)).ending.how).toBe("complete");
  });
});

describe("a stream of which some tokens are held", () => {
  it("that breaks within them is a failure that nobody saw", async () => {
    const result = await relayAnswer(
      sse([role, text, text, text], "break"),
      options({ hold: held(4) }),
    );
    expect(result).toMatchObject({ ok: false, failure: { message: "broken: reset" } });
  });

  it("is let go with all of them once they are there", async () => {
    const pieces = [role, text, text, text, text, stop, done];
    const result = await relayAnswer(sse(pieces), options({ hold: held(4) }));
    expect((await read(result)).body).toBe(pieces.join(""));
  });

  it("that ends before is whole", async () => {
    const result = await relayAnswer(sse([role, text, stop]), options({ hold: held(100) }));
    expect((await read(result)).body).toBe(role + text + stop + done);
  });

  it("counts a large event by its tokens", async () => {
    const large = data(chunk({ content: "many words in one event ".repeat(20) }));
    const result = await relayAnswer(sse([role, large], "break"), options({ hold: held(50) }));
    expect(result.ok).toBe(true);
  });
});

describe("a stream that is held for a time", () => {
  /** A source of which the test decides when each piece comes. */
  function pushed() {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    return {
      body: readable,
      say: (said: string) => writer.write(encoder.encode(said)),
      reset: () => writer.abort(new Error("reset")),
    };
  }

  it("is let go when that is over, and what comes next is not lost", async () => {
    const source = pushed();
    const { promise: over, resolve } = Promise.withResolvers<boolean>();
    const hold = { tokens: Infinity, ms: 50 };
    const relayed = relayAnswer(
      { form: "sse", body: source.body },
      options({ hold, pause: () => over }),
    );
    await source.say(role + text);
    resolve(true);
    const body = read(await relayed);
    await source.say(text);
    await source.say(stop + done);
    expect((await body).body).toBe(role + text + text + stop + done);
  });

  it("that is given up within it is a failure too, though the pause ends first", async () => {
    const source = pushed();
    const hold = { tokens: Infinity, ms: 50 };
    const relayed = relayAnswer(
      { form: "sse", body: source.body },
      options({ hold, pause: async () => false }),
    );
    await source.say(role + text);
    await scheduler.wait(20);
    await source.reset();
    expect(await relayed).toMatchObject({ ok: false });
  });

  it("that breaks within it is a failure that nobody saw", async () => {
    const source = pushed();
    const hold = { tokens: Infinity, ms: 50 };
    const relayed = relayAnswer(
      { form: "sse", body: source.body },
      options({ hold, pause: () => new Promise(() => undefined) }),
    );
    await source.say(role + text);
    await source.reset();
    expect(await relayed).toMatchObject({ ok: false });
  });
});

describe("a buffered stream", () => {
  it("that breaks anywhere is a failure that nobody saw", async () => {
    const result = await relayAnswer(
      sse([role, ...Array.from({ length: 40 }, () => text)], "break"),
      options({ hold: buffered }),
    );
    expect(result).toMatchObject({ ok: false, failure: { message: "broken: reset" } });
  });

  it("comes whole or not at all", async () => {
    const pieces = [role, text, stop, done];
    const result = await relayAnswer(sse(pieces), options({ hold: buffered }));
    expect((await read(result)).body).toBe(pieces.join(""));
  });

  it("tells of its first token and starts its clocks when that comes, not when it is let go", async () => {
    const seen: string[] = [];
    await relayAnswer(
      sse([role, text, text, stop, done]),
      options({
        hold: buffered,
        onFirstToken: () => seen.push("token"),
        waiting: () => seen.push("wait"),
        onFinish: () => seen.push("finish"),
      }),
    );
    expect(seen).toEqual(["token", "wait", "wait", "finish", "wait"]);
  });
});

describe("the end of a stream", () => {
  it("that is reset after its finish reason is whole", async () => {
    const result = await relayAnswer(sse([role, text, stop], "break"), options());
    const { body, ending } = await read(result);
    expect(body).toBe(role + text + stop + done);
    expect(ending.how).toBe("complete");
  });

  it("is not there while a choice that was asked for has not begun", async () => {
    const broken = sse([text, stop], "break");
    const ended = await read(await relayAnswer(broken, options({ choices: 2 })));
    expect(ended.ending.how).toBe("truncated");
    const asked = options({ choices: 2, stream: false });
    expect(await relayAnswer(sse([text, stop], "break"), asked)).toMatchObject({ ok: false });
    // A provider that knows of one choice only says itself that this is all.
    const single = await read(await relayAnswer(sse([text, stop, done]), options({ choices: 2 })));
    expect(single.ending.how).toBe("complete");
  });

  it("is not an empty finish reason, as some servers send with every chunk", async () => {
    const empty = data(chunk({ content: "Hi" }, ""));
    const start = data(chunk({ role: "assistant" }, ""));
    expect((await relayAnswer(sse([start], "break"), options())).ok).toBe(false);
    const broken = await read(await relayAnswer(sse([start, empty, empty], "break"), options()));
    expect(broken.ending.how).toBe("truncated");
    const whole = await read(await relayAnswer(sse([start, empty, stop]), options()));
    expect(whole.ending.how).toBe("complete");
  });

  it("needs the finish reason of every choice", async () => {
    const second = {
      ...chunk({ content: "Ho" }),
      choices: [{ index: 1, delta: { content: "Ho" }, finish_reason: null }],
    };
    const pieces = [text, data(second), stop];
    const result = await relayAnswer(sse(pieces, "break"), options({ readAll: true }));
    expect((await read(result)).ending.how).toBe("truncated");
  });

  it.each(["", "\n", "\r", "\r\n"])(
    "without its blank line (%j) is an event of its own",
    async (eol) => {
      const last = (event: string): string => event.trimEnd() + eol;
      const whole = await read(await relayAnswer(sse([role, text, last(stop)]), options()));
      const frames = (body: string): string[] =>
        new FrameCutter().push(encoder.encode(body)).map(trimmed);
      expect(frames(whole.body)).toEqual([role, text, stop, done].map((event) => event.trimEnd()));
      const open = await read(await relayAnswer(sse([role, text, last(text)]), options()));
      expect(open.ending.how).toBe("truncated");
      const error = 'data: {"error":"stream: "}';
      expect(frames(open.body)).toEqual([role, text, text, error].map((event) => event.trimEnd()));
    },
  );

  it.each([
    ["an error that says so", { error: { message: "overloaded" } }],
    ["an error without the word", { message: "overloaded", code: 503 }],
    ["an error in a choice", { choices: [{ delta: {}, finish_reason: "error" }] }],
  ])("by %s is shown as an error, and not passed on as it came", async (_name, event) => {
    const { body, ending } = await read(
      await relayAnswer(sse([role, text, data(event)]), options()),
    );
    expect(body).not.toContain(data(event));
    expect(body).toContain('"error"');
    expect(ending).toMatchObject({ how: "truncated", delivered: { events: 2 } });
  });

  it("comes when too many events could not be read", async () => {
    const bad = 'data: {"choi\n\n';
    const some = await read(await relayAnswer(sse([text, bad.repeat(3), stop]), options()));
    expect(some.ending).toMatchObject({ how: "complete", malformed: 3 });
    const many = await read(await relayAnswer(sse([text, bad.repeat(4), stop]), options()));
    expect(many.ending).toMatchObject({ how: "truncated" });
  });
});

describe("a stream that is carried on", () => {
  const rest = (body: string) => ({
    note: encoder.encode(": from elsewhere\n\n"),
    body: new Response(body).body ?? new ReadableStream<Uint8Array>(),
    ended: Promise.resolve({
      how: "complete" as const,
      usage: null,
      model: null,
      delivered: { events: 2, bytes: body.length },
      malformed: 0,
    }),
  });

  it("is asked for with the text so far, and joined behind a comment", async () => {
    const asked: string[] = [];
    const result = await relayAnswer(
      sse([role, text, data(chunk({ content: " th€re" }))], "break"),
      options({
        carryOn: async (so) => {
          asked.push(so);
          return rest(stop + done);
        },
      }),
    );
    const { body, ending } = await read(result);
    expect(asked).toEqual(["Hi th€re"]);
    expect(body.endsWith(`: from elsewhere\n\n${stop}${done}`)).toBe(true);
    expect(ending).toMatchObject({ how: "complete", delivered: { events: 5 } });
  });

  it.each([
    ["a tool call", data(chunk({ tool_calls: [{ index: 0, id: "call_1" }] }))],
    ["a refusal", data(chunk({ refusal: "no" }))],
    ["reasoning only", data(chunk({ reasoning_content: "hm" }))],
  ])("is not, when it has come to %s", async (_name, event) => {
    const pieces = event.includes("reasoning") ? [role, event] : [role, text, event];
    const carryOn = (): Promise<never> => Promise.reject(new Error("was asked"));
    const { body, ending } = await read(
      await relayAnswer(sse(pieces, "break"), options({ carryOn })),
    );
    expect(ending).toMatchObject({ how: "truncated", failure: failed("broken: reset") });
    expect(body).toContain('"error"');
  });
});

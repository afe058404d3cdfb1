import { describe, expect, test } from "vitest";
import { checkedLines, leftOut } from "../../providers/ollama/checked-lines.ts";
import { AnswerTranslation } from "../../providers/ollama/translate-answer.ts";

const head = { id: "chatcmpl-0123456789abcdef", created: 1_700_000_000, model: "asked" };

function read(...lines: readonly unknown[]) {
  const answer = new AnswerTranslation(head);
  return lines.map((line) => answer.read(line));
}

const line = (message: object, more: object = {}) => ({
  model: "llama3.2",
  message: { role: "assistant", content: "", ...message },
  done: false,
  ...more,
});
const end = (more: object = {}) => line({}, { done: true, done_reason: "stop", ...more });
const chunk = (delta: object, finish_reason: string | null = null) => ({
  id: head.id,
  object: "chat.completion.chunk",
  created: head.created,
  model: "llama3.2",
  choices: [{ index: 0, delta, finish_reason }],
});

describe("an answer from Ollama", () => {
  test("words become chunks, then the finish reason, then the usage", () => {
    expect(
      read(
        line({ content: "Hi " }),
        line({ content: "you" }),
        end({ prompt_eval_count: 7, eval_count: 2 }),
      ),
    ).toEqual([
      [chunk({ role: "assistant", content: "Hi " })],
      [chunk({ content: "you" })],
      [
        chunk({}, "stop"),
        {
          ...chunk({}),
          choices: [],
          usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
        },
      ],
    ]);
  });

  test("thinking is reasoning_content", () => {
    expect(read(line({ thinking: "Hm." }))).toEqual([
      [chunk({ role: "assistant", content: "", reasoning_content: "Hm." })],
    ]);
  });

  test("tool calls are numbered over the whole answer and end it with tool_calls", () => {
    const call = (name: string, args: unknown) => ({ function: { name, arguments: args } });
    const [first, second, last] = read(
      line({ tool_calls: [call("a", { x: 1 }), call("b", undefined)] }),
      line({ tool_calls: [{ id: "call_own", ...call("c", '{"y":2}') }] }),
      end(),
    );
    const called = (index: number, id: string, name: string, args: string) => ({
      index,
      id,
      type: "function",
      function: { name, arguments: args },
    });
    expect(first?.[0]?.choices[0]?.delta.tool_calls).toEqual([
      called(0, "call_456789abcdef_0", "a", '{"x":1}'),
      called(1, "call_456789abcdef_1", "b", "{}"),
    ]);
    expect(second?.[0]?.choices[0]?.delta.tool_calls).toEqual([
      called(2, "call_own", "c", '{"y":2}'),
    ]);
    expect(last?.[0]?.choices[0]?.finish_reason).toBe("tool_calls");
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    [undefined, "stop"],
    ["", "stop"],
    ["unload", "stop"],
  ])("after words, done_reason %j is finish reason %s", (done_reason, finish) => {
    const [, last] = read(line({ content: "a" }), line({}, { done: true, done_reason }));
    expect(last?.[0]?.choices[0]?.finish_reason).toBe(finish);
  });

  test.each(["load", "unload"])("done_reason %s without words is no answer", (done_reason) => {
    expect(read(end({ done_reason }))).toEqual([null]);
  });

  test("an empty answer still begins as the assistant's, and without counts has no usage", () => {
    expect(read(end())).toEqual([[chunk({ role: "assistant", content: "" }, "stop")]]);
  });

  test("a whole answer in one line is read as well", () => {
    const [chunks] = read(end({ message: { role: "assistant", content: "all" }, eval_count: 1 }));
    expect(chunks?.map(({ choices }) => choices[0]?.delta.content)).toEqual([
      "all",
      undefined,
      undefined,
    ]);
  });

  test.each([
    [null],
    [{}],
    [{ message: "x" }],
    [{ message: { content: 5, thinking: [], tool_calls: {} } }],
    [{ message: { tool_calls: [null, 1, {}, { function: null }] } }],
  ])("a line of another shape, %j, says nothing", (odd) => {
    expect(read(odd)).toEqual([[]]);
  });
});

describe("checked lines", () => {
  const bytes = new TextEncoder();

  async function pass(pieces: readonly (string | Uint8Array)[]) {
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of pieces) {
          controller.enqueue(typeof piece === "string" ? bytes.encode(piece) : piece);
        }
        controller.close();
      },
    });
    let ended = false;
    let text = "";
    let fault: string | null = null;
    const lines = checkedLines(source, {
      fault: (bad) => new Error(bad),
      onEnd: () => {
        ended = true;
      },
    });
    try {
      for await (const piece of lines) text += new TextDecoder().decode(piece);
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
    return { text, fault, ended };
  }

  test("several lines in one piece, one line over several, and blank lines", async () => {
    expect(await pass(['{"a":1}\n{"a":2}\n\n{"a"', ":", "3}\n  \r\n"])).toEqual({
      text: '{"a":1}\n{"a":2}\n{"a":3}\n',
      fault: null,
      ended: true,
    });
  });

  test("a character cut in two", async () => {
    const whole = bytes.encode('{"a":"Grüße 🛟"}\n');
    const pieces = [...whole].map((byte) => Uint8Array.of(byte));
    expect((await pass(pieces)).text).toBe('{"a":"Grüße 🛟"}\n');
  });

  test("the last line needs no line feed", async () => {
    expect((await pass(['{"a":1}'])).text).toBe('{"a":1}\n');
  });

  const unreadable = ["oops", '{"a":', "[1]", "null", '"x"'];
  const standIn = `${JSON.stringify(leftOut)}\n`;

  test.each(unreadable)("%s among good lines is left out, and the stream goes on", async (bad) => {
    expect(await pass([`{"a":1}\n${bad}\n{"a":2}\n`])).toEqual({
      text: `{"a":1}\n${standIn}{"a":2}\n`,
      fault: null,
      ended: true,
    });
  });

  test.each([...unreadable, '{"error":"out of memory"}'])(
    "%s as the first ends it",
    async (bad) => {
      expect(await pass([`${bad}\n{"a":2}\n`])).toEqual({ text: "", fault: bad, ended: false });
    },
  );

  test("an error line ends it, after the lines before it", async () => {
    const bad = '{"error":"out of memory"}';
    expect(await pass([`{"a":1}\n${bad}\n{"a":2}\n`])).toEqual({
      text: '{"a":1}\n',
      fault: bad,
      ended: false,
    });
  });

  test("the fourth line that cannot be read ends it", async () => {
    const { text, fault } = await pass(['{"a":1}\nx\nx\nx\n{"a":2}\nlast\n{"a":3}\n']);
    expect(text).toBe(`{"a":1}\n${standIn.repeat(3)}{"a":2}\n`);
    expect(fault).toBe("last");
  });

  test("a line without end is not collected for ever", async () => {
    const { fault } = await pass(Array.from({ length: 6 }, () => "x".repeat(1024 * 1024)));
    expect(fault?.length).toBe(5 * 1024 * 1024);
  });
});

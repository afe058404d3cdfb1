import { describe, expect, it } from "vitest";
import { beginAttempt, settleFailure, type Started } from "../../src/attempt/begin-attempt.ts";
import type { RunContext } from "../../src/attempt/run-context.ts";
import { settleCommit, settleStream } from "../../src/attempt/settle.ts";
import type { Ending } from "../../src/relay/stream-answer.ts";
import { failureOf, fails, ScriptedRun, serves } from "./scripted-run.ts";

const told = { usage: null, model: null, malformed: 0, delivered: { events: 3, bytes: 30 } };

/** A candidate whose circuit has opened and been probed well: it is on its ramp. */
async function onRamp() {
  const run = new ScriptedRun({ a: { acts: [serves] } });
  const context = run.context();
  settleFailure(begin(run, context), failureOf(fails("rate_limited", 1_000)), context);
  run.now += 1_000;
  await serve(run, context, { how: "complete", ...told });
  const step = (): number | undefined =>
    run.circuits.list(run.now).find(({ scope }) => scope === "a/m")?.record.step;
  return { run, context, step, state: () => run.circuits.state(candidateOf(run), run.now) };
}

function candidateOf({ candidates: [candidate] }: ScriptedRun) {
  if (candidate === undefined) throw new Error("there is no candidate");
  return candidate;
}

function begin(run: ScriptedRun, context: RunContext): Started {
  const started = beginAttempt({ candidate: candidateOf(run), skip: null }, 1, context);
  if (!started.granted) throw new Error("it got no permit");
  return started;
}

/** A stream that commits, and ends so. */
async function serve(run: ScriptedRun, context: RunContext, ending: Ending): Promise<void> {
  const started = begin(run, context);
  const counted = settleCommit(started, context);
  const body = new ReadableStream<Uint8Array>();
  const reply = { form: "stream", body, ended: Promise.resolve(ending) } as const;
  const running = { started, status: 200, firstTokenAt: run.now, counted };
  await settleStream(running, reply, { context, sequel: null });
}

describe("a circuit on its ramp", () => {
  it("comes back though every app leaves its stream", async () => {
    const { run, context, state } = await onRamp();
    expect(state()).toBe("half-open");
    for (let n = 0; n < 30 && state() !== "closed"; n += 1) {
      await serve(run, context, { how: "cancelled", ...told });
    }
    expect(state()).toBe("closed");
  });

  it("counts a stream once, at its commit and not at its end again", async () => {
    const { run, context, step } = await onRamp();
    for (let n = 0; n < 2; n += 1) await serve(run, context, { how: "complete", ...told });
    expect(step()).toBe(0);
    await serve(run, context, { how: "complete", ...told });
    expect(step()).toBe(1);
  });

  it("opens again when a stream breaks off behind its commit", async () => {
    const { run, context, state } = await onRamp();
    const failure = failureOf(fails("server_error"));
    await serve(run, context, { how: "truncated", failure, ...told });
    expect(state()).toBe("open");
  });
});

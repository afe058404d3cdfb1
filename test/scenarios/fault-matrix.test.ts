import OpenAI, { APIError } from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Decision } from "../../src/contract/decision.ts";
import { freePort } from "../../scripts/free-port.ts";
import type { OllamaServer } from "../loopback/ollama-server.ts";
import { startUpstreams } from "../loopback/openai-server.ts";
import { Upstream } from "../loopback/upstream.ts";
import {
  expectedView,
  faults,
  promptFor,
  startOllamaWith,
  textFor,
  type Fault,
  type View,
} from "./faults.ts";
import { appKey, startRouter, type RunningRouter } from "./start-router.ts";
import { writeTable, type Row } from "./write-fault-table.ts";

type Dialect = "openai" | "ollama";

/** One fault in one dialect, as one client meets it. */
interface Cell {
  readonly fault: Fault;
  readonly dialect: Dialect;
  readonly stream: boolean;
  readonly client: "sdk" | "fetch";
}

const cells: readonly Cell[] = faults.flatMap((fault) =>
  (["openai", "ollama"] as const).flatMap((dialect) =>
    [true, false].flatMap((stream) =>
      (["sdk", "fetch"] as const).map((client) => ({ fault, dialect, stream, client })),
    ),
  ),
);

const nameOf = (cell: Cell): string => `cell-${cells.indexOf(cell)}`;
const timeouts = { headersMs: 1_000, firstTokenMs: 1_000, idleMs: 2_000, totalMs: 60_000 };
const fallbackText = "from the other";

/** What an app saw. */
interface Seen {
  readonly text: string;
  readonly error: string | null;
  readonly decision: string | null;
  readonly ms: number;
}

let router: RunningRouter;
let upstreams: Awaited<ReturnType<typeof startUpstreams>>;
const ollamas: OllamaServer[] = [];
const seen = new Map<Cell, Seen>();

beforeAll(async () => {
  upstreams = await startUpstreams();
  await new Upstream(upstreams.url, "other").script({ do: "answer", text: fallbackText });
  const providers: Record<string, object> = {
    other: { kind: "openai-compatible", baseUrl: `${upstreams.url}/other/v1` },
  };
  const started = new Map<Fault, OllamaServer | null>();
  for (const fault of faults) started.set(fault, await startOllamaWith(fault));
  ollamas.push(...[...started.values()].filter((server) => server !== null));
  router = await startRouter();
  // Last of all: a port that is free before the others have theirs may become one of theirs.
  const nobody = `http://127.0.0.1:${await freePort()}`;
  for (const [n, fault] of faults.entries()) {
    const ollama = started.get(fault) ?? null;
    if (fault.openai !== null) await new Upstream(upstreams.url, `fault-${n}`).script(fault.openai);
    for (const cell of cells.filter((one) => one.fault === fault)) {
      const openai = fault.openai === null ? nobody : `${upstreams.url}/fault-${n}/v1`;
      providers[nameOf(cell)] =
        cell.dialect === "openai"
          ? { kind: "openai-compatible", baseUrl: openai }
          : { kind: "ollama", baseUrl: ollama?.url ?? nobody };
    }
  }
  // A second look at the same candidate would hide what the first one showed.
  const rules = { timeouts, retries: { maxRetries: 0 } };
  const route = (cell: Cell) => ({ candidates: [`${nameOf(cell)}/llama3.2`, "other/m"], ...rules });
  await router.putConfig({
    providers,
    routes: Object.fromEntries(cells.map((cell) => [nameOf(cell), route(cell)])),
  });
  const small = cells.filter(({ fault }) => fault.large !== true);
  await Promise.all(small.map(meet));
  // One after the other, so that their times are theirs.
  for (const cell of cells.filter(({ fault }) => fault.large === true)) await meet(cell);
});

afterAll(async () => {
  await router?.stop();
  await Promise.all(ollamas.map((ollama) => ollama.close()));
  await upstreams?.close();
});

async function meet(cell: Cell): Promise<void> {
  const began = Date.now();
  const { text, error, decision } = await (cell.client === "sdk" ? bySdk(cell) : byFetch(cell));
  seen.set(cell, { text, error, decision, ms: Date.now() - began });
}

const body = (cell: Cell) => ({
  model: nameOf(cell),
  messages: [{ role: "user" as const, content: promptFor(cell.fault) }],
});

async function bySdk(cell: Cell): Promise<Omit<Seen, "ms">> {
  const client = new OpenAI({ baseURL: `${router.url}/v1`, apiKey: appKey, maxRetries: 0 });
  let text = "";
  let decision: string | null = null;
  try {
    const asked = client.chat.completions.create({ ...body(cell), stream: cell.stream });
    const { data, response } = await asked.withResponse();
    decision = response.headers.get("x-lifeboat-decision");
    if (!("choices" in data)) {
      for await (const { choices } of data) text += choices[0]?.delta.content ?? "";
    } else text = data.choices[0]?.message.content ?? "";
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { text, error: String(error.code), decision };
  }
  return { text, error: null, decision };
}

/** Reads the bytes themselves: what is left out or said twice shows here. */
async function byFetch(cell: Cell): Promise<Omit<Seen, "ms">> {
  const response = await router.post({ ...body(cell), stream: cell.stream });
  const raw = await response.text();
  const decision = response.headers.get("x-lifeboat-decision");
  if (!cell.stream) {
    const { choices } = JSON.parse(raw);
    return { text: choices[0].message.content, error: null, decision };
  }
  const events = raw.split("\n\n").filter((event) => event !== "");
  const ends = events.filter((event) => event === "data: [DONE]").length;
  const values = events.flatMap((event) =>
    event.startsWith("data: {") ? [JSON.parse(event.slice("data: ".length))] : [],
  );
  const errors = values.flatMap(({ error }) => (error === undefined ? [] : [error.code]));
  if (ends + errors.length !== 1) throw new Error(`not one end but ${ends + errors.length}`);
  const text = values.flatMap(({ choices = [] }) => choices[0]?.delta.content ?? "").join("");
  return { text, error: errors[0] ?? null, decision };
}

function viewOf({ text, error }: Seen): View {
  if (error !== null) return "error";
  return text === fallbackText ? "other" : "own";
}

async function decided(cell: Cell): Promise<Decision> {
  return router.decision(seen.get(cell)?.decision ?? null);
}

describe.each(faults.map((fault) => [fault.name, fault] as const))("%s", (_name, fault) => {
  const mine = cells.filter((cell) => cell.fault === fault);

  it.each(
    mine.map(
      (cell) => [cell.dialect, cell.stream ? "streaming" : "whole", cell.client, cell] as const,
    ),
  )("from %s, %s, read by %s", async (dialect, _mode, _client, cell) => {
    const view = expectedView(fault, dialect, cell.stream);
    checkText(cell, view);
    checkDecision(cell, view, await decided(cell));
  });
});

function checkText(cell: Cell, view: View): void {
  const found = seen.get(cell);
  if (found === undefined) throw new Error("nobody asked");
  const whole = textFor(cell.fault);
  expect(viewOf(found)).toBe(view);
  if (view === "own") expect(found.text.trim() === whole.trim()).toBe(true);
  if (view === "error") {
    expect(found.text).not.toBe("");
    expect(whole.startsWith(found.text)).toBe(true);
  }
}

function checkDecision(cell: Cell, view: View, decision: Decision): void {
  expect(decision.outcome).toBe(view === "error" ? "truncated" : "served");
  expect(decision.candidate).toBe(view === "other" ? "other/m" : `${nameOf(cell)}/llama3.2`);
  // A local upstream that is down may be known to be, and is then not asked at all.
  const known = decision.skipped.filter(({ reason }) => reason === "unreachable").length;
  expect(decision.attempts.length + known).toBe(view === "other" ? 2 : 1);
  if (known === 0) expect(decision.attempts[0]?.outcome === "ok").toBe(view === "own");
  const leftOut = cell.fault.name.includes("broken JSON") && view === "own" ? 1 : 0;
  expect(decision.malformedEvents).toBe(leftOut);
  if (view === "error") expect(decision.delivered?.events).toBeGreaterThan(3);
}

it("nothing of it is an unhandled rejection or an exception in the log", () => {
  expect(router.output()).not.toMatch(/unhandled|uncaught|✘|TypeError|^\s+at /im);
});

it.runIf(process.env["LIFEBOAT_WRITE_DOCS"] === "true")("is written into the docs", async () => {
  const rows = await Promise.all(
    cells
      .filter(({ client }) => client === "sdk")
      .map(async (cell): Promise<Row> => {
        const { error = null, ms = 0 } = seen.get(cell) ?? {};
        const view = viewOf(seen.get(cell) ?? { text: "", error, ms, decision: null });
        const { fault, dialect, stream } = cell;
        return {
          fault: fault.name,
          dialect,
          stream,
          view,
          error,
          ms,
          decision: await decided(cell),
        };
      }),
  );
  await writeTable(rows);
});

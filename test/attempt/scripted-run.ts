import { HedgeBudget } from "../../src/attempt/hedge-budget.ts";
import { RetryBudget } from "../../src/attempt/retry-budget.ts";
import type { RunContext } from "../../src/attempt/run-context.ts";
import { runPlan, type RunResult } from "../../src/attempt/run-plan.ts";
import { Switchboard } from "../../src/circuit/switchboard.ts";
import {
  defaultBreaker,
  defaultRetries,
  defaultTimeouts,
  defaultFitting,
  plainCandidate,
} from "../../src/config/defaults.ts";
import { unknownFacts } from "../../src/config/models.ts";
import { SeatBoard } from "../../src/attempt/seats.ts";
import { nothingKnown } from "../../src/plan/knowledge.ts";
import { resolveStreaming } from "../../src/config/streaming.ts";
import type { ChatRequest } from "../../src/contract/chat.ts";
import type { Failure, FailureClass } from "../../src/contract/failure.ts";
import type { Plan } from "../../src/contract/plan.ts";
import type { Provider, ProviderAnswer } from "../../src/contract/provider.ts";
import type { Candidate, ModelFacts, RetryPolicy } from "../../src/contract/route.ts";

/** What an upstream does with one call: serve, or fail so; each call takes its time. */
export interface Act {
  readonly fails: FailureClass | null;
  readonly stated: number | null;
  readonly takesMs: number;
}

export const serves: Act = { fails: null, stated: null, takesMs: 10 };

export function fails(failed: FailureClass, stated: number | null = null): Act {
  return { fails: failed, stated, takesMs: 10 };
}

export interface Asked {
  readonly candidate: string;
  readonly at: number;
  readonly act: Act;
}

interface Upstream {
  /** Used up one by one; the last one stays. */
  readonly acts: readonly Act[];
  readonly facts?: Partial<ModelFacts>;
  /** Another name for this provider and model. */
  readonly sameAs?: string;
}

const noFallback = new Set<FailureClass>(["bad_request", "content_filter", "cancelled"]);
const opens = new Set<FailureClass>([
  "rate_limited",
  "quota_exhausted",
  "overloaded",
  "server_error",
  "timeout",
  "auth",
  "unknown",
]);

export function failureOf({ fails: failed, stated }: Act): Failure {
  const name = failed ?? "unknown";
  const counts = opens.has(name);
  return {
    class: name,
    failsOver: !noFallback.has(name),
    verdict: counts ? "failure" : "neutral",
    scope: counts ? "candidate" : "none",
    retryAfterMs: stated,
    status: 500,
    code: null,
    type: null,
    message: null,
    body: null,
    contentType: null,
  };
}

const whole = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});

/** The loop on a clock of the test's own: real circuits and budgets, upstreams that do as they are told. */
export class ScriptedRun {
  now = 1_764_000_000_000;
  readonly asked: Asked[] = [];
  readonly waits: number[] = [];
  readonly circuits = new Switchboard(() => 0.5);
  readonly retryBudget = new RetryBudget();
  readonly candidates: readonly Candidate[];
  /** The caller leaves in the middle of the first wait. */
  leavesWaiting = false;
  readonly #leaving = new AbortController();

  constructor(upstreams: Readonly<Record<string, Upstream>>) {
    this.candidates = Object.entries(upstreams).map(([name, upstream]) =>
      this.#candidate(name, upstream),
    );
  }

  run(
    policy: Partial<RetryPolicy> & { withinMs?: number } = {},
    request: Partial<ChatRequest> = {},
  ): Promise<RunResult> {
    const steps = this.candidates.map((candidate) => ({ candidate, skip: null }));
    const plan: Plan = { steps };
    return runPlan(plan, this.context(policy, request));
  }

  context(
    { withinMs = 60_000, ...retries }: Partial<RetryPolicy> & { withinMs?: number } = {},
    request: Partial<ChatRequest> = {},
  ): RunContext {
    return {
      request: { model: "m", messages: [], ...request },
      stream: false,
      hideUsage: true,
      errorFrame: () => new Uint8Array(),
      hold: { tokens: 0, ms: 0 },
      streaming: resolveStreaming(null),
      hedges: new HedgeBudget(),
      deadlineAt: this.now + withinMs,
      signal: this.#leaving.signal,
      fetch: () => Promise.reject(new Error("nothing goes out")),
      clock: { now: () => this.now },
      wait: (ms, signal) => this.#wait(ms, signal),
      circuits: this.circuits,
      breaker: defaultBreaker,
      fitting: defaultFitting,
      known: nothingKnown,
      seats: new SeatBoard(() => 1),
      decision: "d",
      arrivedAt: this.now,
      retries: { ...defaultRetries, ...retries },
      retryBudget: this.retryBudget,
      random: () => 0.5,
      onLimits: () => {},
    };
  }

  /** What a run did, as `candidate` and outcome. */
  told(): string[] {
    return this.asked.map(({ candidate, act }) => `${candidate}: ${act.fails ?? "ok"}`);
  }

  async #wait(ms: number, signal?: AbortSignal): Promise<void> {
    this.waits.push(ms);
    if (this.leavesWaiting) this.#leaving.abort();
    signal?.throwIfAborted();
    this.now += ms;
  }

  #candidate(name: string, { acts, facts = {}, sameAs = name }: Upstream): Candidate {
    let calls = 0;
    const call = async (): Promise<ProviderAnswer> => {
      const act = acts[Math.min(calls, acts.length - 1)] ?? serves;
      calls += 1;
      this.asked.push({ candidate: name, at: this.now, act });
      this.now += act.takesMs;
      if (act.fails !== null) return { ok: false, failure: failureOf(act), limits: null };
      const headers = new Headers();
      const output = { form: "json", read: async () => whole } as const;
      return { ok: true, status: 200, headers, output, limits: null, adapted: [] };
    };
    const provider: Provider = {
      continuesPrefix: false,
      saysError: () => false,
      describe: () => ({}),
      call,
      classify: () => failureOf(fails("timeout")),
      check: async () => ({ ready: true, models: null }),
    };
    return {
      id: `${name}/m`,
      account: { name: sameAs, kind: "scripted", local: false, provider, missing: null },
      model: "m",
      timeouts: defaultTimeouts,
      ...plainCandidate,
      facts: { ...unknownFacts, ...facts },
    };
  }
}

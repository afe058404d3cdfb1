import { describe, expect, it } from "vitest";
import type { AttemptRecord, Skip, SkipReason } from "../../src/contract/decision.ts";
import type { Failure, FailureClass } from "../../src/contract/failure.ts";
import { explainUnserved } from "../../src/surface/unserved.ts";

const now = 1_000_000;

function attempt(outcome: FailureClass, candidate = "a/x"): AttemptRecord {
  return {
    n: 1,
    candidate,
    outcome,
    status: 429,
    code: null,
    type: null,
    message: "the prompt was: secret",
    retryAfterMs: null,
    startedMs: 0,
    firstTokenMs: null,
    durationMs: 1,
    circuitBefore: "closed",
    circuitAfter: "open",
  };
}

function skipped(reason: SkipReason, detail: string | null = null): Skip {
  return { candidate: "b/y", reason, until: null, detail };
}

function failure(failureClass: FailureClass, failsOver = true): Failure {
  return {
    class: failureClass,
    failsOver,
    verdict: "failure",
    scope: "candidate",
    retryAfterMs: null,
    status: 400,
    code: "context_length_exceeded",
    type: "invalid_request_error",
    message: "too long",
    body: null,
    contentType: null,
  };
}

function explain(over: Partial<Parameters<typeof explainUnserved>[0]>) {
  return explainUnserved({
    failure: null,
    attempts: [],
    skipped: [],
    reopensAt: null,
    deadlineAt: now + 1_000,
    now,
    ...over,
  });
}

describe("when nothing could serve", () => {
  it("every candidate throttled or out of quota is a 429 with the time of the first reopening", () => {
    const told = explain({
      failure: failure("rate_limited"),
      attempts: [attempt("rate_limited")],
      skipped: [skipped("circuit_open", "quota_exhausted"), skipped("not_configured", "no B_KEY")],
      reopensAt: now + 4_200,
    });
    expect(told).toMatchObject({ status: 429, retryAfterSeconds: 5, worthRetrying: true });
  });

  it("nothing but exhausted quotas is a 429 that is not worth the caller's retry", () => {
    const told = explain({ skipped: [skipped("circuit_open", "quota_exhausted")] });
    expect(told).toMatchObject({ status: 429, code: "insufficient_quota", worthRetrying: false });
  });

  it("a deadline that ran out is a 504", () => {
    const told = explain({ attempts: [attempt("timeout")], deadlineAt: now });
    expect(told).toMatchObject({ status: 504, code: "deadline_exceeded" });
  });

  it("an outage is a 503", () => {
    const told = explain({ attempts: [attempt("server_error"), attempt("rate_limited", "b/y")] });
    expect(told).toMatchObject({ status: 503, code: "no_candidate_available" });
  });

  it("counts what became of a candidate in the end, where it was asked twice or passed over first", () => {
    const well = explain({ attempts: [attempt("server_error"), attempt("rate_limited")] });
    expect(well).toMatchObject({ status: 429, worthRetrying: true });
    const ill = explain({ attempts: [attempt("rate_limited"), attempt("server_error")] });
    expect(ill).toMatchObject({ status: 503 });
    const passedOver = explain({
      skipped: [skipped("circuit_open", "rate_limited")],
      attempts: [attempt("auth", "b/y")],
    });
    expect(passedOver).toMatchObject({ status: 503 });
  });

  it("a candidate that is low on its allowance is a throttled one", () => {
    const told = explain({
      attempts: [attempt("rate_limited")],
      skipped: [skipped("quota_low", "50 tokens left, 300 needed")],
    });
    expect(told).toMatchObject({ status: 429 });
  });

  it("what a request asks of models that lack it is not the providers' health", () => {
    const told = explain({
      failure: failure("unsupported"),
      attempts: [attempt("unsupported")],
      skipped: [skipped("lacks_tools")],
    });
    expect(told).toMatchObject({ status: 400, worthRetrying: false });
  });

  it("a budget in the way of all that could take the request is a 402 until the first begins anew", () => {
    const spent = { reason: "budget_spent", detail: "$5 of $5 per day spent (key-1)" } as const;
    const told = explain({
      failure: failure("context_length"),
      attempts: [attempt("context_length")],
      skipped: [
        { ...spent, candidate: "b/y", until: now + 90_000 },
        { ...spent, candidate: "c/z", until: now + 60_000 },
        { ...skipped("lacks_tools"), candidate: "d/v", lacks: ["tools"] },
        { ...skipped("not_configured", "no B_KEY"), candidate: "e/w" },
      ],
    });
    expect(told).toMatchObject({
      status: 402,
      type: "insufficient_quota",
      code: "budget_exceeded",
      retryAfterSeconds: 60,
      worthRetrying: false,
    });
    expect(told.message).toBe(
      "A budget does not allow this request: $5 of $5 per day spent (key-1); it begins anew at 1970-01-01T00:17:40.000Z.",
    );
  });

  it.each([
    ["ill", "server_error", 503],
    ["throttled", "rate_limited", 429],
  ] as const)(
    "a budget in the way of some is left aside where the others are %s",
    (_how, outcome, status) => {
      const spent = { ...skipped("budget_spent"), until: now + 60_000 };
      const told = explain({
        attempts: [attempt(outcome)],
        skipped: [spent],
        reopensAt: now + 4_000,
      });
      expect(told).toMatchObject({ status, worthRetrying: true, retryAfterSeconds: 4 });
    },
  );

  it("a caller's own fault is the caller's, whatever is left of the budget", () => {
    const told = explain({
      failure: failure("bad_request", false),
      attempts: [attempt("bad_request")],
      skipped: [skipped("budget_spent")],
    });
    expect(told).toMatchObject({ status: 400 });
  });

  it("no key set anywhere is a 503 that says what to set", () => {
    const told = explain({ skipped: [skipped("not_configured", "no OPENAI_API_KEY")] });
    expect(told).toMatchObject({ status: 503, code: "not_configured" });
    expect(told.message).toContain("set OPENAI_API_KEY");
  });

  it("a request that no model here can take keeps the provider's own words", () => {
    const told = explain({
      failure: failure("context_length"),
      attempts: [attempt("context_length")],
    });
    expect(told).toMatchObject({
      status: 400,
      code: "context_length_exceeded",
      message: "too long",
    });
  });

  it("a request that no model here can take is the app's fault, though a server calls it its own", () => {
    const told = explain({
      failure: { ...failure("context_length"), status: 500, code: null },
      attempts: [attempt("context_length")],
    });
    expect(told).toMatchObject({ status: 400, code: "context_length_exceeded" });
  });

  it("the message never holds what a provider said", () => {
    expect(explain({ attempts: [attempt("server_error")] }).message).not.toContain("secret");
  });
});

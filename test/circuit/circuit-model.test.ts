import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Circuit, type Permit } from "../../src/circuit/circuit.ts";
import { defaultBreaker } from "../../src/config/defaults.ts";
import type { FailureClass } from "../../src/contract/failure.ts";

/** What a circuit has to keep to, said as simply as it can be. It knows nothing of windows, ramps or growth. */
interface Model {
  now: number;
  /** The clock may be set back; this is the highest that it ever stood. */
  latest: number;
  /** The latest time until which the circuit has said that it is open, since it last came back. */
  openUntil: number;
  /** The probe under way, as far as it may still settle. */
  probe: { permit: Permit; expiresAt: number } | null;
}

interface Real {
  readonly circuit: Circuit;
  /** Every permit that was ever given, so that each may settle late, or twice. */
  readonly permits: Permit[];
}

const probeExpiryMs = 120_000;
const longestOpenMs = 86_400_000;

/** Checked after every step. */
function compare(model: Model, { circuit }: Real): void {
  const view = circuit.view(model.now);
  const { until } = circuit.record;
  if (circuit.record.opened) {
    expect(until).toBeGreaterThanOrEqual(model.openUntil);
    expect(until - model.latest).toBeLessThanOrEqual(longestOpenMs);
    model.openUntil = until;
  }
  expect(view.state === "open").toBe(circuit.record.opened && model.now < until);
}

class Wait implements fc.AsyncCommand<Model, Real> {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    model.now += this.ms;
    model.latest = Math.max(model.latest, model.now);
    compare(model, real);
  }
  toString = (): string => `the clock moves by ${this.ms}`;
}

class Take implements fc.AsyncCommand<Model, Real> {
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { circuit } = real;
    const wasOpened = circuit.record.opened;
    const take = circuit.take(model.now);
    const busy = model.probe !== null && model.now < model.probe.expiresAt;
    if (take.granted) {
      real.permits.push(take.permit);
      expect(model.now, "a call before openUntil").toBeGreaterThanOrEqual(
        wasOpened ? model.openUntil : 0,
      );
      expect(take.permit.probe).toBe(wasOpened);
      if (take.permit.probe) {
        expect(busy, "two probes").toBe(false);
        model.probe = { permit: take.permit, expiresAt: model.now + probeExpiryMs };
      }
    } else {
      expect(wasOpened).toBe(true);
      expect(model.now < model.openUntil || busy, "refused without a reason").toBe(true);
    }
    compare(model, real);
  }
  toString = (): string => "take";
}

type Verdict = FailureClass | "success" | "neutral";

class Settle implements fc.AsyncCommand<Model, Real> {
  readonly which: number;
  readonly verdict: Verdict;
  readonly retryAfterMs: number | null;
  constructor(which: number, verdict: Verdict, retryAfterMs: number | null) {
    this.which = which;
    this.verdict = verdict;
    this.retryAfterMs = retryAfterMs;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { circuit, permits } = real;
    const permit = permits[permits.length - 1 - (this.which % Math.max(1, permits.length))];
    if (permit === undefined) return;
    const before = circuit.record;
    await this.#settle(circuit, permit, model.now);
    const probe = model.probe?.permit === permit ? model.probe : null;
    if (this.verdict === "neutral") expect(circuit.record).toBe(before);
    if (before.opened && probe === null) {
      expect(circuit.record, "a late settle changed an open circuit").toBe(before);
    }
    if (before.opened && !circuit.record.opened) {
      expect(this.verdict, "closed without a successful probe").toBe("success");
      model.openUntil = 0;
    }
    if (probe !== null) model.probe = null;
    if (circuit.record.opened !== before.opened) model.probe = null;
    compare(model, real);
  }
  async #settle(circuit: Circuit, permit: Permit, now: number): Promise<void> {
    if (this.verdict === "success") await circuit.succeed(permit, now);
    else if (this.verdict === "neutral") circuit.release(permit);
    else await circuit.fail(permit, { class: this.verdict, retryAfterMs: this.retryAfterMs }, now);
  }
  toString = (): string => `${this.verdict} of the ${this.which}th last permit`;
}

const verdicts: Verdict[] = [
  "success",
  "success",
  "neutral",
  "rate_limited",
  "quota_exhausted",
  "auth",
  "server_error",
  "timeout",
];

const commands = fc.commands(
  [
    fc.constant(new Take()),
    fc.constant(new Take()),
    fc
      .oneof(
        fc.integer({ min: 0, max: 15_000 }),
        fc.integer({ min: -1_000_000, max: 0 }),
        fc.integer({ min: 100_000, max: 100_000_000 }),
      )
      .map((ms) => new Wait(ms)),
    fc
      .tuple(
        fc.nat(6),
        fc.constantFrom(...verdicts),
        fc.option(fc.integer({ min: 1, max: 1_000_000_000 })),
      )
      .map(([which, verdict, retryAfterMs]) => new Settle(which, verdict, retryAfterMs)),
  ],
  { maxCommands: 60 },
);

describe("a circuit, whatever happens in whichever order", () => {
  it("keeps to its model: one probe at a time, no call before its time, never open for ever", async () => {
    await fc.assert(
      fc.asyncProperty(
        commands,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        async (run, dice) => {
          const start = 1_700_000_000_000;
          const circuit = new Circuit(defaultBreaker, () => dice, start);
          const model: Model = { now: start, latest: start, openUntil: 0, probe: null };
          const real: Real = { circuit, permits: [] };
          await fc.asyncModelRun(() => ({ model, real }), run);
          await bringBack(circuit, model);
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

/** From wherever it was left: time and a working provider are all it takes. */
async function bringBack(circuit: Circuit, model: Model): Promise<void> {
  let now = Math.max(model.latest, circuit.record.until) + probeExpiryMs;
  for (let call = 0; call < 12 && circuit.view(now).state !== "closed"; call += 1) {
    const take = circuit.take(now);
    expect(take.granted).toBe(true);
    if (take.granted) await circuit.succeed(take.permit, now);
    now += 1;
  }
  expect(circuit.view(now).state).toBe("closed");
}

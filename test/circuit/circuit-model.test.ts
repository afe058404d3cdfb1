import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Circuit, type Lease, type Permit } from "../../src/circuit/circuit.ts";
import { closedStep } from "../../src/circuit/record.ts";
import { defaultBreaker } from "../../src/config/defaults.ts";
import type { FailureClass } from "../../src/contract/failure.ts";

/** What a circuit has to keep to, said as simply as it can be. It knows nothing of windows, ramps or growth. */
interface Model {
  now: number;
  /** The clock may be set back; this is the highest that it ever stood. */
  latest: number;
  /** The latest time until which the circuit has said that it is open, since it last came back. */
  openUntil: number;
  /** The probe under way, as far as it may still settle; or given away and not begun. */
  probe: { permit: Permit; expiresAt: number; held: boolean } | null;
  /** The fleet's word on who may probe. */
  lease: Lease | null;
}

interface Real {
  readonly circuit: Circuit;
  /** Every permit that was ever given, so that each may settle late, or twice. */
  readonly permits: Permit[];
  /** Every probe that was ever given away ahead of its time. */
  readonly held: Permit[];
}

const probeExpiryMs = 120_000;
const holdGraceMs = 1_000;
const longestOpenMs = 86_400_000;

function isElsewhere({ lease, now }: Model): boolean {
  return lease !== null && !lease.mine && now < lease.until;
}

/** A lease is for one opening. */
function leaseAfter({ lease }: Model, moved: boolean): Lease | null {
  return moved ? null : lease;
}

/** The one that was given `back` steps ago. */
function latest(permits: readonly Permit[], back: number): Permit | undefined {
  return permits[permits.length - 1 - (back % Math.max(1, permits.length))];
}

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
        expect(busy || isElsewhere(model), "two probes").toBe(false);
        const expiresAt = model.now + probeExpiryMs;
        model.probe = { permit: take.permit, expiresAt, held: false };
      }
    } else {
      expect(wasOpened).toBe(true);
      const reason = model.now < model.openUntil || busy || isElsewhere(model);
      expect(reason, "refused without a reason").toBe(true);
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
  readonly holdMs: number | null;
  constructor(
    which: number,
    verdict: Verdict,
    { retryAfterMs, holdMs }: { retryAfterMs: number | null; holdMs: number | null },
  ) {
    this.which = which;
    this.verdict = verdict;
    this.retryAfterMs = retryAfterMs;
    this.holdMs = holdMs;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { circuit, permits } = real;
    const permit = latest(permits, this.which);
    if (permit === undefined) return;
    const before = circuit.record;
    const held = await this.#settle(circuit, permit, model.now);
    model.lease = leaseAfter(model, circuit.record !== before);
    const probe = model.probe?.permit === permit ? model.probe : null;
    if (this.verdict === "neutral") expect(circuit.record).toBe(before);
    if (before.opened && probe === null) {
      expect(circuit.record, "a late settle changed an open circuit").toBe(before);
    }
    if (before.opened && !circuit.record.opened) {
      expect(this.verdict, "closed without a successful probe").toBe("success");
      model.openUntil = 0;
    }
    if (probe !== null || circuit.record.opened !== before.opened) model.probe = null;
    if (held !== null) this.#hold(held, model, real);
    compare(model, real);
  }
  #hold(permit: Permit, model: Model, { held, circuit }: Real): void {
    held.push(permit);
    const expiresAt = circuit.record.until + holdGraceMs;
    model.probe = { permit, expiresAt, held: true };
  }
  async #settle(circuit: Circuit, permit: Permit, now: number): Promise<Permit | null> {
    const { verdict, retryAfterMs, holdMs } = this;
    if (verdict !== "success" && verdict !== "neutral") {
      return circuit.fail(permit, { class: verdict, retryAfterMs }, now, holdMs);
    }
    if (verdict === "success") circuit.succeed(permit, now);
    else circuit.release(permit);
    return null;
  }
  toString = (): string => `${this.verdict} of the ${this.which}th last permit`;
}

class Begin implements fc.AsyncCommand<Model, Real> {
  readonly which: number;
  constructor(which: number) {
    this.which = which;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { circuit, held, permits } = real;
    const permit = latest(held, this.which);
    if (permit === undefined) return;
    const own = model.probe?.permit === permit && model.probe.held ? model.probe : null;
    if (circuit.begin(permit, model.now)) {
      expect(model.now, "a call before openUntil").toBeGreaterThanOrEqual(model.openUntil);
      expect(own, "a probe that was somebody else's by now").not.toBeNull();
      expect(isElsewhere(model), "two probes").toBe(false);
      permits.push(permit);
      model.probe = { permit, expiresAt: model.now + probeExpiryMs, held: false };
    } else if (own !== null) {
      const reason = model.now < model.openUntil || isElsewhere(model);
      expect(reason, "refused without a reason").toBe(true);
      model.probe = null;
    }
    compare(model, real);
  }
  toString = (): string => `the ${this.which}th last held probe begins`;
}

/** What another isolate has met: a later end, an end of its own, or the provider's return. */
class Adopt implements fc.AsyncCommand<Model, Real> {
  readonly generations: number;
  readonly openMs: number | null;
  constructor(generations: number, openMs: number | null) {
    this.generations = generations;
    this.openMs = openMs;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { circuit } = real;
    const before = circuit.record;
    const opened = this.openMs !== null;
    const until = this.openMs === null ? 0 : model.now + this.openMs;
    const step = opened ? 0 : closedStep;
    const generation = before.generation + this.generations;
    const adopted = circuit.adopt({ ...before, generation, opened, until, step });
    expect(circuit.record === before).toBe(!adopted);
    if (adopted && (this.generations > 0 || opened !== before.opened)) {
      model.probe = null;
      model.lease = null;
      model.openUntil = 0;
    }
    compare(model, real);
  }
  toString = (): string => `adopts ${this.openMs}, ${this.generations} generations on`;
}

class Grant implements fc.AsyncCommand<Model, Real> {
  readonly lease: { mine: boolean; forMs: number } | null;
  constructor(lease: { mine: boolean; forMs: number } | null) {
    this.lease = lease;
  }
  check = (): boolean => true;
  async run(model: Model, real: Real): Promise<void> {
    const { lease } = this;
    model.lease = lease && { mine: lease.mine, until: model.now + lease.forMs };
    real.circuit.grant(model.lease);
    compare(model, real);
  }
  toString = (): string => `the lease: ${JSON.stringify(this.lease)}`;
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
        fc.option(fc.integer({ min: 1, max: 10_000 })),
      )
      .map(
        ([which, verdict, retryAfterMs, holdMs]) =>
          new Settle(which, verdict, { retryAfterMs, holdMs }),
      ),
    fc.nat(2).map((which) => new Begin(which)),
    fc
      .tuple(fc.constantFrom(0, 0, 0, 1), fc.option(fc.integer({ min: 1, max: 1_000_000 })))
      .map(([generations, openMs]) => new Adopt(generations, openMs)),
    fc
      .option(fc.record({ mine: fc.boolean(), forMs: fc.integer({ min: 1, max: 15_000 }) }))
      .map((lease) => new Grant(lease)),
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
          const model: Model = {
            now: start,
            latest: start,
            openUntil: 0,
            probe: null,
            lease: null,
          };
          const real: Real = { circuit, permits: [], held: [] };
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
  circuit.grant(null);
  let now = Math.max(model.latest, circuit.record.until) + probeExpiryMs;
  for (let call = 0; call < 12 && circuit.view(now).state !== "closed"; call += 1) {
    const take = circuit.take(now);
    expect(take.granted).toBe(true);
    if (take.granted) circuit.succeed(take.permit, now);
    now += 1;
  }
  expect(circuit.view(now).state).toBe("closed");
}

import { describe, expect, it } from "vitest";
import { Circuit, type Permit, type Take } from "../../src/circuit/circuit.ts";
import { defaultBreaker } from "../../src/config/defaults.ts";
import type { FailureClass } from "../../src/contract/failure.ts";

const start = 1_000_000;
const noJitter = (): number => 0;

function newCircuit(options: Partial<typeof defaultBreaker> = {}): Circuit {
  return new Circuit({ ...defaultBreaker, ...options }, noJitter, start);
}

function granted(take: Take): Permit {
  if (!take.granted) throw new Error("the permit was refused");
  return take.permit;
}

const failure = (failureClass: FailureClass, retryAfterMs: number | null = null) => ({
  class: failureClass,
  retryAfterMs,
});

async function failOnce(circuit: Circuit, what: ReturnType<typeof failure>, now: number) {
  circuit.fail(granted(circuit.take(now)), what, now);
}

describe("a closed circuit", () => {
  it("opens at the first rate limit until exactly the time that the provider stated", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited", 90_000), start);
    expect(circuit.view(start + 89_999)).toMatchObject({
      state: "open",
      until: start + 90_000,
      reason: "rate_limited",
    });
    expect(circuit.view(start + 90_000).state).toBe("half-open");
  });

  it.each([
    ["rate_limited", 10_000],
    ["quota_exhausted", 900_000],
    ["auth", 300_000],
  ] as const)("opens at the first %s for %i ms when no reset is stated", async (failed, ms) => {
    const circuit = newCircuit();
    await failOnce(circuit, failure(failed), start);
    expect(circuit.view(start).until).toBe(start + ms);
  });

  it.each([
    ["server_error", 10_000, 300_000],
    ["quota_exhausted", 900_000, 3_600_000],
    ["auth", 300_000, 1_200_000],
  ] as const)(
    "that fails every probe with %s is open for %i ms first and %i ms at most",
    async (failed, first, most) => {
      const circuit = newCircuit({ consecutiveFailures: 1 });
      const opened: number[] = [];
      let now = start;
      for (let probe = 0; probe < 12; probe += 1) {
        await failOnce(circuit, failure(failed), now);
        opened.push(circuit.record.until - now);
        now = circuit.record.until;
      }
      expect(opened.slice(0, 3)).toEqual([first, first * 2, first * 4]);
      expect(opened.at(-1)).toBe(most);
    },
  );

  it("opens after three failures in a row, whatever the volume", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("timeout"), start);
    await failOnce(circuit, failure("timeout"), start + 60_000);
    expect(circuit.view(start + 60_000).state).toBe("closed");
    await failOnce(circuit, failure("timeout"), start + 120_000);
    expect(circuit.view(start + 120_000).state).toBe("open");
  });

  it("a success between failures starts the row anew", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("timeout"), start);
    await failOnce(circuit, failure("timeout"), start);
    circuit.succeed(granted(circuit.take(start)), start);
    await failOnce(circuit, failure("timeout"), start);
    expect(circuit.view(start).state).toBe("closed");
  });

  it("opens by opossum's rate of failure, and only above its volume", async () => {
    const circuit = newCircuit({ consecutiveFailures: 1_000, volumeThreshold: 10 });
    for (let call = 0; call < 9; call += 1) {
      await failOnce(circuit, failure("server_error"), start + call);
      expect(circuit.view(start + call).state).toBe("closed");
    }
    await failOnce(circuit, failure("server_error"), start + 9);
    expect(circuit.view(start + 9)).toMatchObject({ state: "open", until: start + 9 + 10_000 });
  });

  it("forgets failures that have left the rolling window, with no timer running", async () => {
    const circuit = newCircuit({ consecutiveFailures: 1_000, volumeThreshold: 10 });
    for (let call = 0; call < 9; call += 1) await failOnce(circuit, failure("server_error"), start);
    const later = start + defaultBreaker.rollingCountTimeout + 1_000;
    await failOnce(circuit, failure("server_error"), later);
    expect(circuit.view(later).state).toBe("closed");
  });
});

describe("an open circuit", () => {
  it("refuses until its time, and says when that is", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited", 5_000), start);
    expect(circuit.take(start + 4_999)).toEqual({
      granted: false,
      until: start + 5_000,
      probing: false,
    });
  });

  it("ignores what settles late from before it opened", async () => {
    const circuit = newCircuit();
    const early = granted(circuit.take(start));
    await failOnce(circuit, failure("rate_limited", 5_000), start);
    circuit.succeed(early, start + 1);
    circuit.fail(early, failure("quota_exhausted"), start + 1);
    expect(circuit.view(start + 1)).toMatchObject({ state: "open", until: start + 5_000 });
  });
});

describe("a half-open circuit", () => {
  async function halfOpen(): Promise<{ circuit: Circuit; now: number }> {
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited", 5_000), start);
    return { circuit, now: start + 5_000 };
  }

  it("lets one probe through and refuses everybody else", async () => {
    const { circuit, now } = await halfOpen();
    expect(circuit.take(now)).toMatchObject({ granted: true, permit: { probe: true } });
    expect(circuit.take(now)).toMatchObject({ granted: false, probing: true });
  });

  it("is back with a share of the traffic when the probe succeeds", async () => {
    const { circuit, now } = await halfOpen();
    circuit.succeed(granted(circuit.take(now)), now);
    expect(circuit.view(now)).toMatchObject({ state: "half-open", ramp: { share: 0.1 } });
    expect(circuit.take(now)).toMatchObject({ granted: true, permit: { probe: false } });
  });

  it("is probed with the fleet's lease only, where the fleet grants them", async () => {
    const { circuit, now } = await halfOpen();
    expect(circuit.take(now, false)).toMatchObject({ granted: false, probing: true });
    circuit.grant({ mine: false, until: now + 3_000 });
    expect(circuit.take(now, true)).toMatchObject({ granted: false, until: now + 3_000 });
    expect(circuit.take(now + 3_000, false)).toMatchObject({ granted: false });
    circuit.grant({ mine: true, until: now + 6_000 });
    expect(circuit.take(now + 3_000, false)).toMatchObject({
      granted: true,
      permit: { probe: true },
    });
  });

  it("opens again, for longer each time, when probes fail", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited"), start);
    await failOnce(circuit, failure("rate_limited"), start + 10_000);
    expect(circuit.view(start + 10_000).until).toBe(start + 10_000 + 20_000);
    await failOnce(circuit, failure("rate_limited"), start + 30_000);
    expect(circuit.view(start + 30_000).until).toBe(start + 30_000 + 40_000);
  });

  it("stays open for as long as it said when the clock is set back under its probe", async () => {
    const { circuit, now } = await halfOpen();
    const probe = granted(circuit.take(now));
    circuit.fail(probe, failure("rate_limited", 1_000), now - 4_000);
    expect(circuit.record.until).toBe(now);
  });

  it("gives the probe to the next caller when its outcome says nothing", async () => {
    const { circuit, now } = await halfOpen();
    const given = granted(circuit.take(now));
    circuit.release(given);
    circuit.succeed(given, now);
    expect(circuit.view(now).ramp).toBeNull();
    expect(circuit.take(now)).toMatchObject({ granted: true, permit: { probe: true } });
  });

  it("takes a probe that never settles for lost, and then ignores it", async () => {
    const { circuit, now } = await halfOpen();
    const lost = granted(circuit.take(now));
    const later = now + 120_000;
    const next = granted(circuit.take(later));
    circuit.fail(lost, failure("timeout"), later);
    expect(circuit.view(later).state).toBe("half-open");
    circuit.succeed(next, later);
    expect(circuit.view(later).ramp).not.toBeNull();
  });
});

async function returning(): Promise<{ circuit: Circuit; now: number }> {
  const circuit = newCircuit();
  await failOnce(circuit, failure("rate_limited"), start);
  const now = start + 10_000;
  circuit.succeed(granted(circuit.take(now)), now);
  return { circuit, now };
}

async function succeedTimes(circuit: Circuit, times: number, now: number): Promise<void> {
  for (let call = 0; call < times; call += 1) {
    circuit.succeed(granted(circuit.take(now)), now);
  }
}

describe("a circuit on its return", () => {
  it("climbs by successes from a tenth over a half to all, and is closed then", async () => {
    const { circuit, now } = await returning();
    const shares = [];
    for (let step = 0; step < 3; step += 1) {
      shares.push(circuit.view(now).ramp?.share);
      await succeedTimes(circuit, 2, now);
      expect(circuit.view(now).ramp?.share).toBe(shares.at(-1));
      await succeedTimes(circuit, 1, now);
    }
    expect(shares).toEqual([0.1, 0.5, 1]);
    expect(circuit.view(now)).toMatchObject({ state: "closed", reason: null, since: now });
  });

  it("opens again at the first failure, for longer than before", async () => {
    const { circuit, now } = await returning();
    await succeedTimes(circuit, 4, now);
    await failOnce(circuit, failure("server_error"), now);
    expect(circuit.view(now)).toMatchObject({ state: "open", until: now + 20_000 });
  });

  it("climbs no further by what says nothing of its health", async () => {
    const { circuit, now } = await returning();
    for (let call = 0; call < 10; call += 1) circuit.release(granted(circuit.take(now)));
    expect(circuit.view(now).ramp?.share).toBe(0.1);
  });

  it("lets a request in whatever its share when the last one is half a second ago, in all isolates together", async () => {
    const { circuit, now } = await returning();
    circuit.take(now);
    expect(circuit.view(now).ramp?.dueAt).toBe(now + 500);
    const crowded = new Circuit(defaultBreaker, noJitter, start, () => 40);
    crowded.adopt(circuit.record);
    crowded.take(now);
    expect(crowded.view(now).ramp?.dueAt).toBe(now + 40 * 500);
  });

  it("opens for the first time's length again once it was healthy for five minutes", async () => {
    const { circuit, now } = await returning();
    await succeedTimes(circuit, 9, now);
    const soon = now + 299_999;
    const copy = newCircuit();
    copy.adopt(circuit.record);
    await failOnce(copy, failure("rate_limited"), soon);
    expect(copy.view(soon).until).toBe(soon + 20_000);
    const later = now + 300_000;
    await failOnce(circuit, failure("rate_limited"), later);
    expect(circuit.view(later).until).toBe(later + 10_000);
  });

  it("counts a stream that breaks after its start against the step that it helped up", async () => {
    const { circuit, now } = await returning();
    const permit = granted(circuit.take(now));
    circuit.succeed(permit, now);
    circuit.fail(permit, failure("server_error"), now + 5);
    expect(circuit.view(now + 5).state).toBe("open");
  });
});

describe("a circuit that the fleet tells of", () => {
  it("takes over a later record and keeps its own later one", async () => {
    const short = newCircuit();
    const long = newCircuit();
    await failOnce(short, failure("rate_limited", 5_000), start);
    await failOnce(long, failure("rate_limited", 50_000), start);
    expect(long.adopt(short.record)).toBe(false);
    expect(short.adopt(long.record)).toBe(true);
    expect(short.view(start).until).toBe(start + 50_000);
  });

  it("lets its probe count when it hears of another end meanwhile, and not when it hears of a new generation", async () => {
    const { record } = (await returning()).circuit;
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited", 5_000), start);
    const now = start + 20_000;
    const probe = granted(circuit.take(now));
    circuit.adopt({ ...circuit.record, until: now + 10 });
    circuit.fail(probe, failure("rate_limited", 60_000), now + 5);
    expect(circuit.view(now + 5)).toMatchObject({ state: "open", until: now + 60_005 });
    const next = granted(circuit.take(now + 60_005));
    circuit.adopt({ ...record, generation: 7 });
    circuit.fail(next, failure("rate_limited"), now + 60_010);
    expect(circuit.record.generation).toBe(7);
    expect(circuit.view(now + 60_010).ramp?.share).toBe(0.1);
  });
});

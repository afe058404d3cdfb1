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
  await circuit.fail(granted(circuit.take(now)), what, now);
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
    await circuit.succeed(granted(circuit.take(start)), start);
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
    await circuit.succeed(early, start + 1);
    await circuit.fail(early, failure("quota_exhausted"), start + 1);
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

  it("closes when the probe succeeds", async () => {
    const { circuit, now } = await halfOpen();
    await circuit.succeed(granted(circuit.take(now)), now);
    expect(circuit.view(now).state).toBe("closed");
    expect(circuit.take(now)).toMatchObject({ granted: true, permit: { probe: false } });
  });

  it("opens again, for longer each time, when probes fail", async () => {
    const circuit = newCircuit();
    await failOnce(circuit, failure("rate_limited"), start);
    await failOnce(circuit, failure("rate_limited"), start + 10_000);
    expect(circuit.view(start + 10_000).until).toBe(start + 10_000 + 20_000);
    await failOnce(circuit, failure("rate_limited"), start + 30_000);
    expect(circuit.view(start + 30_000).until).toBe(start + 30_000 + 40_000);
  });

  it("gives the probe to the next caller when its outcome says nothing", async () => {
    const { circuit, now } = await halfOpen();
    circuit.release(granted(circuit.take(now)));
    expect(circuit.take(now)).toMatchObject({ granted: true, permit: { probe: true } });
  });

  it("takes a probe that never settles for lost, and then ignores it", async () => {
    const { circuit, now } = await halfOpen();
    const lost = granted(circuit.take(now));
    const later = now + 120_000;
    const next = granted(circuit.take(later));
    await circuit.fail(lost, failure("timeout"), later);
    expect(circuit.view(later).state).toBe("half-open");
    await circuit.succeed(next, later);
    expect(circuit.view(later).state).toBe("closed");
  });
});

import { describe, expect, it } from "vitest";
import { Circuit, type Permit } from "../../src/circuit/circuit.ts";
import { defaultBreaker } from "../../src/config/defaults.ts";

const start = 1_000_000;
const limited = { class: "rate_limited", retryAfterMs: 1_000 } as const;

function permitOf(circuit: Circuit, now: number): Permit {
  const take = circuit.take(now);
  if (!take.granted) throw new Error("the permit was refused");
  return take.permit;
}

async function opened(circuit = new Circuit(defaultBreaker, () => 0, start)) {
  const early = [permitOf(circuit, start), permitOf(circuit, start)] as const;
  const held = circuit.fail(early[0], limited, start, 1_000);
  if (held === null) throw new Error("the probe was not given");
  return { circuit, held, late: early[1] };
}

describe("the probe of a circuit that a request has opened and waits for", () => {
  it("is held by that request only: another that failed with it gets nothing", async () => {
    const { circuit, late } = await opened();
    expect(circuit.fail(late, limited, start, 1_000)).toBeNull();
    expect(circuit.view(start + 999)).toMatchObject({ state: "open", until: start + 1_000 });
  });

  it("is nobody else's when the time has come, and closes the circuit when it succeeds", async () => {
    const { circuit, held } = await opened();
    expect(circuit.take(start + 1_000)).toMatchObject({ granted: false, probing: true });
    expect(circuit.begin(held, start + 1_000)).toBe(true);
    expect(circuit.take(start + 60_000)).toMatchObject({ granted: false, probing: true });
    circuit.succeed(held, start + 60_000);
    expect(circuit.take(start + 60_000).granted).toBe(true);
  });

  it("goes to whoever comes when its holder has died, who may then not use it any more", async () => {
    const { circuit, held } = await opened();
    const next = permitOf(circuit, start + 2_000);
    expect(next.probe).toBe(true);
    expect(circuit.begin(held, start + 2_001)).toBe(false);
    circuit.succeed(held, start + 2_001);
    expect(circuit.view(start + 2_001)).toMatchObject({ state: "half-open" });
    circuit.succeed(next, start + 2_002);
    expect(circuit.take(start + 2_002).granted).toBe(true);
  });

  it("asks for the fleet's lease, and is given up where another isolate has it", async () => {
    const { circuit, held } = await opened();
    expect(circuit.wantsLease(start + 100, 3_000)).toBe(true);
    expect(circuit.probing).toBe(false);
    circuit.grant({ mine: false, until: start + 4_000 });
    expect(circuit.begin(held, start + 1_000)).toBe(false);
    circuit.succeed(held, start + 1_000);
    expect(circuit.view(start + 1_000).state).toBe("half-open");
  });

  it("begins with the fleet's lease, which lets nobody else in here", async () => {
    const { circuit, held } = await opened();
    circuit.grant({ mine: true, until: start + 4_000 });
    expect(circuit.take(start + 1_000).granted).toBe(false);
    expect(circuit.begin(held, start + 1_000)).toBe(true);
    expect(circuit.probing).toBe(true);
  });

  it("is given up where another isolate has met a later end meanwhile", async () => {
    const { circuit, held } = await opened();
    circuit.adopt({ ...circuit.record, until: start + 600_000 });
    expect(circuit.begin(held, start + 1_000)).toBe(false);
    expect(circuit.view(start + 1_000)).toMatchObject({ state: "open", until: start + 600_000 });
    expect(circuit.begin(held, start + 600_000)).toBe(false);
    expect(permitOf(circuit, start + 600_000).probe).toBe(true);
  });

  it("begins once", async () => {
    const { circuit, held } = await opened();
    expect(circuit.begin(held, start + 1_000)).toBe(true);
    expect(circuit.begin(held, start + 1_001)).toBe(false);
    expect(circuit.probing).toBe(true);
  });

  it("is free again when its holder gives it back", async () => {
    const { circuit, held } = await opened();
    circuit.release(held);
    expect(circuit.take(start + 500).granted).toBe(false);
    expect(permitOf(circuit, start + 1_000).probe).toBe(true);
  });

  it("opens for an overloaded provider's stated pause too, though one such failure would not", async () => {
    const circuit = new Circuit(defaultBreaker, () => 0, start);
    const overloaded = { class: "overloaded", retryAfterMs: 800 } as const;
    circuit.fail(permitOf(circuit, start), overloaded, start);
    expect(circuit.view(start).state).toBe("closed");
    const held = circuit.fail(permitOf(circuit, start), overloaded, start, 800);
    expect(held?.probe).toBe(true);
    expect(circuit.view(start)).toMatchObject({ state: "open", until: start + 800 });
  });
});

import { describe, expect, it } from "vitest";
import { FleetSpeeds } from "../../src/fleet/fleet-speeds.ts";
import { Speeds } from "../../src/plan/speeds.ts";

const now = 1_000_000;

function measured(candidate: string, firstTokenMs: number, at: number) {
  return { candidate, speed: { firstTokenMs, tokensPerSecond: 10, at } };
}

describe("speeds in the fleet", () => {
  it("reach the other isolates, and not the one that told them", () => {
    const fleet = new FleetSpeeds();
    const old = { skewMs: 0, newcomer: false };
    expect(fleet.exchange([measured("a/m", 100, now)], old, now)).toEqual([]);
    expect(fleet.exchange([], old, now + 2_000)).toEqual([measured("a/m", 100, now)]);
    expect(fleet.exchange([], old, now + 20_000)).toEqual([]);
    expect(fleet.exchange([], { skewMs: 0, newcomer: true }, now + 20_000)).toHaveLength(1);
  });

  it("are the latest word, by the object's clock", () => {
    const fleet = new FleetSpeeds();
    fleet.exchange([measured("a/m", 100, now)], { skewMs: 0, newcomer: false }, now);
    fleet.exchange([measured("a/m", 900, now - 5_000)], { skewMs: 0, newcomer: false }, now);
    const heard = () => fleet.exchange([], { skewMs: 0, newcomer: true }, now);
    expect(heard()).toMatchObject([{ speed: { firstTokenMs: 100 } }]);
    fleet.exchange([measured("a/m", 900, now - 5_000)], { skewMs: 6_000, newcomer: false }, now);
    expect(heard()).toMatchObject([{ speed: { firstTokenMs: 900, at: now + 1_000 } }]);
  });

  it("are told once by an isolate, and again when they change", () => {
    const speeds = new Speeds();
    speeds.note("a/m", { firstTokenMs: 100, tokens: 50, afterMs: 1_000 }, now);
    const [told] = speeds.news();
    expect(told?.candidate).toBe("a/m");
    speeds.delivered(speeds.news());
    expect(speeds.news()).toEqual([]);
    speeds.adopt("a/m", { firstTokenMs: 300, tokensPerSecond: 5, at: now + 1 });
    expect(speeds.of("a/m", now + 1)?.firstTokenMs).toBe(300);
    expect(speeds.news()).toEqual([]);
    speeds.note("a/m", { firstTokenMs: 100, tokens: 50, afterMs: 1_000 }, now + 2);
    speeds.adopt("a/m", { firstTokenMs: 300, tokensPerSecond: 5, at: now + 3 });
    expect(speeds.news()).toEqual([]);
    speeds.adopt("a/m", { firstTokenMs: 1, tokensPerSecond: 5, at: now });
    expect(speeds.of("a/m", now + 1)?.firstTokenMs).toBe(300);
  });
});

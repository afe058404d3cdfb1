import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AttemptClocks, type RunOut } from "../../src/attempt/clocks.ts";

const start = 1_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: start });
});

afterEach(() => {
  vi.useRealTimers();
});

function clocks(shortestMs: number, deadlineMs = 600_000) {
  const ended: (RunOut & { at: number })[] = [];
  const at = (): number => Date.now() - start;
  const running = new AttemptClocks(
    { now: () => Date.now() },
    { deadlineAt: start + deadlineMs, shortestMs },
    (runOut) => ended.push({ ...runOut, at: at() }),
  );
  return { running, ended };
}

describe("the clocks of an attempt", () => {
  it("run out when their phase is over, and not when the shortest one would be", () => {
    const { running, ended } = clocks(200);
    running.start("headers", 5_000);
    vi.advanceTimersByTime(4_999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual([{ clock: "headers", afterMs: 5_000, at: 5_000 }]);
  });

  it("leave a phase its own time though the one before it took long", () => {
    const { running, ended } = clocks(1_000);
    running.start("headers", 10_000);
    vi.advanceTimersByTime(9_000);
    running.start("first_token", 1_000);
    vi.advanceTimersByTime(999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual([{ clock: "first_token", afterMs: 10_000, at: 10_000 }]);
  });

  it("end at once where nothing is left of a phase", () => {
    const { running, ended } = clocks(1_000);
    running.start("headers", 10_000);
    vi.advanceTimersByTime(500);
    running.start("first_token", 0);
    vi.advanceTimersByTime(0);
    expect(ended).toMatchObject([{ clock: "first_token", at: 500 }]);
  });

  it("end early for a phase that is shorter than all that were announced", () => {
    const { running, ended } = clocks(60_000);
    running.start("headers", 60_000);
    vi.advanceTimersByTime(100);
    running.start("idle", 3_000);
    vi.advanceTimersByTime(3_000);
    expect(ended).toMatchObject([{ clock: "idle", afterMs: 3_000, at: 3_100 }]);
  });

  it("do not run while it is the app that is waited for", () => {
    const { running, ended } = clocks(1_000);
    running.start("idle", 1_000);
    running.arrived(true);
    vi.advanceTimersByTime(30_000);
    expect(ended).toEqual([]);
    running.waiting();
    vi.advanceTimersByTime(1_000);
    expect(ended).toMatchObject([{ clock: "idle", at: 31_000 }]);
  });

  it("end with the request's deadline, whatever the phase", () => {
    const { running, ended } = clocks(1_000, 2_500);
    running.start("headers", 60_000);
    vi.advanceTimersByTime(2_500);
    expect(ended).toEqual([{ clock: "total", afterMs: 2_500, at: 2_500 }]);
  });

  it("are silent once they are stopped", () => {
    const { running, ended } = clocks(100);
    running.start("headers", 1_000);
    running.stop();
    vi.advanceTimersByTime(10_000);
    expect(ended).toEqual([]);
  });
});

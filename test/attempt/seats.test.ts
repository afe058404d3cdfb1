import { describe, expect, it } from "vitest";
import { SeatBoard, takeSeat } from "../../src/attempt/seats.ts";

const seats = { most: 2, waiting: 1, waitMs: 100 };

/** A clock of the test's own, on which waiting takes no time. */
function room(board: SeatBoard, { onWait = (_now: number): void => undefined } = {}) {
  let now = 0;
  const leaving = new AbortController();
  return {
    leaving,
    take: (deadlineAt = 10_000) =>
      takeSeat(
        { candidate: "a/m", seats },
        {
          seats: board,
          deadlineAt,
          signal: leaving.signal,
          clock: { now: () => now },
          wait: async (ms, signal) => {
            now += ms;
            onWait(now);
            signal?.throwIfAborted();
          },
        },
      ),
    elapsed: () => now,
  };
}

describe("seats", () => {
  it("are taken at once while there are some", async () => {
    const { take, elapsed } = room(new SeatBoard(() => 1));
    expect((await take()).taken).toBe(true);
    expect((await take()).taken).toBe(true);
    expect(elapsed()).toBe(0);
  });

  it("are waited for, and no longer than the config says", async () => {
    const board = new SeatBoard(() => 1);
    const { take, elapsed } = room(board);
    await take();
    await take();
    expect(await take()).toMatchObject({
      taken: false,
      failure: { class: "overloaded", code: "queue_full", verdict: "neutral", failsOver: true },
    });
    expect(elapsed()).toBe(100);
  });

  it("go to who waits when one is left", async () => {
    const board = new SeatBoard(() => 1);
    const first = await room(board).take();
    await room(board).take();
    const waiting = room(board, { onWait: (now) => now >= 50 && first.taken && first.leave() });
    expect((await waiting.take()).taken).toBe(true);
    expect(waiting.elapsed()).toBe(50);
  });

  it("are refused at once where the line is full", async () => {
    const board = new SeatBoard(() => 1);
    await room(board).take();
    await room(board).take();
    expect(board.queue("a/m", { until: 10_000 }, seats, 0)).toBe(true);
    const late = room(board);
    expect((await late.take()).taken).toBe(false);
    expect(late.elapsed()).toBe(0);
  });

  it("are shared among the isolates, one at least for each", async () => {
    const board = new SeatBoard(() => 5);
    const { take, elapsed } = room(board);
    expect((await take()).taken).toBe(true);
    expect((await take()).taken).toBe(false);
    expect(elapsed()).toBe(100);
  });

  it("come free again when a request's time is over, even if nobody says so", async () => {
    const board = new SeatBoard(() => 1);
    const early = room(board);
    await early.take(60);
    await early.take(60);
    expect((await early.take()).taken).toBe(true);
    expect(early.elapsed()).toBe(75);
  });

  it("are left alone by a caller who has gone", async () => {
    const board = new SeatBoard(() => 1);
    const { take, leaving } = room(board);
    await take();
    await take();
    leaving.abort();
    expect(await take()).toMatchObject({ taken: false, failure: { class: "cancelled" } });
  });
});

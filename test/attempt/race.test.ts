import { describe, expect, it } from "vitest";
import { race, type Runner } from "../../src/attempt/race.ts";

/** A runner that ends when the test says so, and with "aborted" when it is. */
function runner(): Runner<string> & { end(result: string): void; aborted(): boolean } {
  const { promise, resolve } = Promise.withResolvers<string>();
  let aborted = false;
  return {
    result: promise,
    end: resolve,
    aborted: () => aborted,
    abort: () => {
      aborted = true;
      resolve("aborted");
    },
  };
}

const wait = (ms: number): Promise<void> => scheduler.wait(ms);
const wins = (result: string): boolean => result === "good";

describe("a race", () => {
  it("has no second runner when the first is in time, good or not", async () => {
    for (const result of ["good", "bad"]) {
      const first = runner();
      first.end(result);
      const start = (): never => {
        throw new Error("a second one was started");
      };
      expect(await race(first, { afterMs: 5_000, wait, wins, start })).toEqual({
        first: result,
        second: null,
        winner: result === "good" ? "first" : null,
      });
    }
  });

  it.each([
    ["first", "second"],
    ["second", "first"],
  ] as const)("that the %s wins ends the %s", async (winner, loser) => {
    const runners = { first: runner(), second: runner() };
    const start = () => {
      runners[winner].end("good");
      return runners.second;
    };
    const raced = await race(runners.first, { afterMs: 1, wait, wins, start });
    expect(raced).toMatchObject({ winner, [winner]: "good", [loser]: "aborted" });
    expect(runners[winner].aborted()).toBe(false);
  });

  it("waits for the other when one fails", async () => {
    const [first, second] = [runner(), runner()];
    const start = () => {
      first.end("bad");
      setTimeout(() => second.end("good"), 20);
      return second;
    };
    expect(await race(first, { afterMs: 1, wait, wins, start })).toEqual({
      first: "bad",
      second: "good",
      winner: "second",
    });
  });

  it("is won by nobody when both fail", async () => {
    const [first, second] = [runner(), runner()];
    const start = () => {
      first.end("bad");
      second.end("worse");
      return second;
    };
    expect(await race(first, { afterMs: 1, wait, wins, start })).toEqual({
      first: "bad",
      second: "worse",
      winner: null,
    });
  });
});

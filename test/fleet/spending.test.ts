import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Spent } from "../../src/contract/budget.ts";
import { FleetSpending } from "../../src/fleet/fleet-spending.ts";
import { SpendingBoard } from "../../src/fleet/spending-board.ts";

const now = 1_000_000;
const day = { scope: "day::", until: now + 86_400_000 };
const hour = { scope: "hour:key-00000001:", until: now + 3_600_000 };

/** An isolate's board and how it syncs; `lost` loses the answer. */
function isolate(name: string) {
  const board = new SpendingBoard();
  let life: FleetSpending | null = null;
  const sync = (fleet: FleetSpending, { at = now, lost = false } = {}): void => {
    const speaker = { isolate: name, knowsThisLife: life === fleet };
    const news = fleet.exchange(structuredClone(board.news(at)), speaker, at);
    if (lost) return;
    board.adopt(structuredClone(news), at);
    life = fleet;
  };
  const spentOf = (window = day): number => board.of(window).microUsd;
  return { board, sync, spentOf };
}

/** The object after an eviction: what it had written is all that it knows. */
function reborn(fleet: FleetSpending, { written }: { written: boolean }, at = now): FleetSpending {
  const stored = structuredClone(fleet.content(at));
  if (written) fleet.written();
  return new FleetSpending(written ? stored : null);
}

describe("what isolates spend", () => {
  it("counts here at once, and everywhere with the next syncs", () => {
    const fleet = new FleetSpending(null);
    const [a, b] = [isolate("a"), isolate("b")];
    a.board.count([day, hour], 300, now);
    expect([a.spentOf(), a.spentOf(hour), b.spentOf()]).toEqual([300, 300, 0]);
    a.sync(fleet);
    b.board.count([day], 50, now);
    b.sync(fleet);
    expect([b.spentOf(), b.spentOf(hour)]).toEqual([350, 300]);
    expect(a.spentOf()).toBe(300);
    a.sync(fleet);
    expect(a.spentOf()).toBe(350);
  });

  it("without a known cost counts nothing, and is counted as such", () => {
    const fleet = new FleetSpending(null);
    const [a, b] = [isolate("a"), isolate("b")];
    a.board.count([day], null, now);
    a.board.count([day], 10, now);
    a.sync(fleet);
    a.board.count([day], null, now);
    b.sync(fleet);
    expect(a.board.of(day)).toEqual({ ...day, microUsd: 10, unknown: 2 });
    expect(b.board.of(day)).toEqual({ ...day, microUsd: 10, unknown: 1 });
  });

  it("counts once however often it is told, when answers are lost", () => {
    const fleet = new FleetSpending(null);
    const [a, b] = [isolate("a"), isolate("b")];
    a.board.count([day], 100, now);
    a.sync(fleet, { lost: true });
    a.board.count([day], 10, now);
    a.sync(fleet, { lost: true });
    expect(a.spentOf()).toBe(110);
    a.sync(fleet);
    expect(a.spentOf()).toBe(110);
    a.sync(fleet);
    b.sync(fleet);
    expect([a.spentOf(), b.spentOf()]).toEqual([110, 110]);
  });

  it("is told one number at a time while nobody answers", () => {
    const { board } = isolate("a");
    for (let turn = 0; turn < 100; turn += 1) {
      board.count([day], 1, now);
      expect(board.news(now).batches).toHaveLength(1);
    }
    expect(board.of(day).microUsd).toBe(100);
  });

  it("is not lost with the object's memory: what was not written is told again, what was is not", () => {
    const first = new FleetSpending(null);
    const [a, b] = [isolate("a"), isolate("b")];
    a.board.count([day], 100, now);
    a.sync(first);
    b.sync(first);
    const second = reborn(first, { written: false });
    b.sync(second);
    expect(b.spentOf()).toBe(0);
    a.sync(second);
    b.sync(second);
    expect([a.spentOf(), b.spentOf()]).toEqual([100, 100]);
    const third = reborn(second, { written: true });
    a.board.count([day], 1, now);
    a.sync(third);
    b.sync(third);
    expect([a.spentOf(), b.spentOf()]).toEqual([101, 101]);
  });

  it("need not be told again once it is written", () => {
    const fleet = new FleetSpending(null);
    const { board, sync } = isolate("a");
    board.count([day], 1, now);
    sync(fleet);
    expect(board.news(now).batches).toHaveLength(1);
    expect(fleet.isUnwritten).toBe(true);
    fleet.written();
    expect(fleet.isUnwritten).toBe(false);
    sync(fleet);
    expect(board.news(now).batches).toEqual([]);
  });

  it("begins at nothing in the next window, and is forgotten after the last", () => {
    const fleet = new FleetSpending(null);
    const { board, sync, spentOf } = isolate("a");
    board.count([hour, day], 7, now);
    sync(fleet);
    const next = { ...hour, until: hour.until + 3_600_000 };
    expect(spentOf(next)).toBe(0);
    board.count([next, day], 2, hour.until);
    sync(fleet, { at: hour.until });
    expect([spentOf(hour), spentOf(next), spentOf()]).toEqual([0, 2, 9]);
    expect(fleet.content(hour.until).totals.map(({ scope, until }) => ({ scope, until }))).toEqual([
      day,
      next,
    ]);
    // Told late, of an hour that is over.
    const late = isolate("b");
    late.board.count([hour], 5, now);
    late.sync(fleet, { at: hour.until + 1 });
    expect(fleet.content(hour.until + 1).totals).toHaveLength(2);
  });

  it("is told to an isolate only where it has changed, and whole to one that is new here", () => {
    const fleet = new FleetSpending(null);
    const told = (revision: number) => ({ revision, batches: [] });
    const { board, sync } = isolate("a");
    board.count([day], 1, now);
    sync(fleet);
    board.count([hour], 1, now);
    sync(fleet);
    const known = { isolate: "b", knowsThisLife: true };
    expect(fleet.exchange(told(1), known, now)).toMatchObject({ whole: false, totals: [hour] });
    expect(fleet.exchange(told(2), known, now).totals).toEqual([]);
    const anew = { isolate: "b", knowsThisLife: false };
    const answer = fleet.exchange(told(2), anew, now);
    expect(answer).toMatchObject({ whole: true, totals: [day, hour] });
  });

  it("counts once where its isolate comes back after days, in a window that still runs", () => {
    const month = { scope: "month::", until: now + 20 * 86_400_000 };
    let fleet = new FleetSpending(null);
    const [a, b] = [isolate("a"), isolate("b")];
    a.board.count([month, hour], 100, now);
    a.sync(fleet);
    const later = now + 3 * 86_400_000;
    b.sync(fleet, { at: later });
    fleet = reborn(fleet, { written: true }, later);
    b.sync(fleet, { at: later + 86_400_000 });
    a.sync(fleet, { at: later + 2 * 86_400_000 });
    expect(a.spentOf(month)).toBe(100);
    b.sync(fleet, { at: month.until });
    expect(fleet.content(month.until)).toMatchObject({ totals: [], taken: [] });
  });

  it("takes bounded room in the object, whatever isolates tell", () => {
    const fleet = new FleetSpending(null);
    const tell = (name: string, spent: readonly Spent[]) =>
      fleet.exchange(
        { revision: Number.MAX_SAFE_INTEGER, batches: [{ n: 1, spent }] },
        { isolate: name, knowsThisLife: true },
        now,
      );
    const one = { microUsd: 1, unknown: 0 };
    for (let from = 0; from < 12_000; from += 1_000) {
      const windows = Array.from({ length: 1_000 }, (_, n) => ({
        scope: `day:key-00000001:route-${from + n}`,
        until: day.until + from + n,
        ...one,
      }));
      tell(`many-${from}`, windows);
    }
    const last = { scope: "last", until: day.until + 1e9, ...one };
    for (let n = 0; n < 6_000; n += 1) tell(`01932d6e-0000-7000-8000-${n}`, [last]);
    const { totals, taken } = fleet.content(now);
    expect(totals).toHaveLength(5_000);
    expect(totals.find(({ scope }) => scope === "last")?.microUsd).toBe(6_000);
    expect(taken).toHaveLength(5_000);
    // What the object holds must fit into a row.
    expect(JSON.stringify({ totals, taken }).length).toBeLessThan(1_500_000);
  });

  it("counts once where the object had no room left to remember its isolate", () => {
    let fleet = new FleetSpending(null);
    const [a, unheard] = [isolate("a"), isolate("unheard")];
    a.board.count([day], 100, now);
    a.sync(fleet);
    unheard.board.count([day], 7, now + 3_600_000);
    unheard.board.news(now + 3_600_000);
    for (let n = 0; n < 5_000; n += 1) {
      const other = isolate(`other-${n}`);
      other.board.count([day], 1, now + 1_000);
      other.sync(fleet, { at: now + 1_000 });
    }
    expect(fleet.content(now).taken.some(([name]) => name === "a")).toBe(false);
    fleet = reborn(fleet, { written: true });
    const later = now + 4_000_000;
    a.sync(fleet, { at: later });
    expect(a.spentOf()).toBe(5_100);
    // Neither what it spends from then on is lost, nor what others could not tell meanwhile.
    a.board.count([day], 10, later);
    a.sync(fleet, { at: later });
    unheard.sync(fleet, { at: later });
    expect(unheard.spentOf()).toBe(5_117);
  });

  it("adds up for any order of syncs, lost answers, writes and evictions", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("spend" as const), who: fc.nat(2), amount: fc.nat(9) }),
      fc.record({ do: fc.constant("sync" as const), who: fc.nat(2), lost: fc.boolean() }),
      fc.constant({ do: "write" as const }),
      fc.constant({ do: "evict" as const }),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const isolates = ["a", "b", "c"].map(isolate);
      let fleet = new FleetSpending(null);
      let stored: ReturnType<FleetSpending["content"]> | null = null;
      let total = 0;
      for (const one of steps) {
        const asked = "who" in one ? isolates[one.who] : undefined;
        if (one.do === "spend") {
          total += one.amount;
          asked?.board.count([day], one.amount, now);
        } else if (one.do === "sync") asked?.sync(fleet, { lost: one.lost });
        else if (one.do === "write") {
          stored = structuredClone(fleet.content(now));
          fleet.written();
        } else fleet = new FleetSpending(stored);
      }
      // Twice: one that waits for an answer tells the rest with the next sync.
      for (let turn = 0; turn < 3; turn += 1) for (const { sync } of isolates) sync(fleet);
      expect(isolates.map(({ spentOf }) => spentOf())).toEqual([total, total, total]);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

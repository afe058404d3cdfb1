import type { GrantedLease } from "../contract/circuit.ts";
import type { Switchboard } from "../circuit/switchboard.ts";
import { shiftRecord } from "../circuit/record.ts";
import type { Clock } from "../contract/edges.ts";
import type { CandidateSpeed, Speed } from "../contract/speed.ts";
import { shiftSpeed } from "./fleet-speeds.ts";
import type { Exchanged, LinkState } from "./fleet-link.ts";
import { leaseLeadMs } from "./leases.ts";
import { shiftReading, type LimitBoard } from "./limit-board.ts";
import type { ConfigNews, Delta, LeaseAnswer, LeaseQuestion, Snapshot } from "./messages.ts";
import type { SpendingBoard } from "./spending-board.ts";

/** A scope's lease is asked for apart from the syncs this often at most. */
const askEveryMs = 1_000;

/** One object of the fleet, as an isolate calls it. */
export interface FleetCalls {
  sync(delta: Delta): Promise<Snapshot & ConfigNews>;
  lease(question: LeaseQuestion): Promise<LeaseAnswer>;
}

/** What an isolate knows of speeds, and what it has to tell of them. */
interface SharedSpeeds {
  news(): readonly CandidateSpeed[];
  delivered(told: readonly CandidateSpeed[]): void;
  adopt(candidate: string, speed: Speed): void;
}

export interface VoiceEdges {
  readonly clock: Clock;
  /** A name for this isolate that no other has. */
  readonly isolate: string;
  readonly circuits: Switchboard;
  readonly limits: LimitBoard;
  readonly speeds: SharedSpeeds;
  readonly spending: SpendingBoard;
  readonly object: (shard: number) => FleetCalls;
  readonly shardOf: (scope: string) => number;
  readonly configVersion: () => number;
  readonly onConfig: (news: ConfigNews) => void;
  /** An operator has locked an app key out, or let it in again. */
  readonly onKey: (name: string, revoked: boolean) => void;
}

/** What an isolate says to the fleet and how it takes the answer; when it talks is the client's business. */
export class FleetVoice {
  readonly #edges: VoiceEdges;
  readonly #askedAt = new Map<string, number>();
  #isolates = 1;

  constructor(edges: VoiceEdges) {
    this.#edges = edges;
  }

  /** Isolates with traffic, as far as this one knows. */
  get isolates(): number {
    return this.#isolates;
  }

  hasNews(shard: number): boolean {
    const { circuits, shardOf } = this.#edges;
    return circuits.hasNews && circuits.news().some(({ scope }) => shardOf(scope) === shard);
  }

  /** One sync: tells what is new, and gives the answer to be applied. */
  async exchange(shard: number, state: LinkState): Promise<Exchanged> {
    const { clock, isolate, circuits, limits, speeds, spending } = this.#edges;
    const { object, configVersion, shardOf } = this.#edges;
    const now = clock.now();
    const here = (scope: string): boolean => shardOf(scope) === shard;
    const news = circuits.news().filter(({ scope }) => here(scope));
    const readings = limits.news().filter(({ candidate }) => here(candidate));
    const measured = speeds.news().filter(({ candidate }) => here(candidate));
    const snapshot = await object(shard).sync({
      isolate,
      sentAt: now,
      ...state,
      configVersion: configVersion(),
      circuits: news,
      limits: readings,
      speeds: measured,
      // Budgets are not any provider's: one object counts for all.
      ...(shard === 0 && { spending: spending.news(now) }),
      wishes: circuits.wishes(now, leaseLeadMs).filter(here),
      probing: circuits.probing().filter(here),
    });
    circuits.delivered(news);
    limits.delivered(readings);
    speeds.delivered(measured);
    return { ...snapshot, apply: (skewMs) => this.#apply(snapshot, shard, skewMs) };
  }

  /** Asks for the lease of every scope that waits to be probed; belongs into `waitUntil`. Rejects when the object cannot be reached. */
  async askLeases(stateOf: (scope: string) => LinkState): Promise<void> {
    const now = this.#edges.clock.now();
    for (const [scope, at] of this.#askedAt) {
      if (now - at >= askEveryMs) this.#askedAt.delete(scope);
    }
    const wishes = this.#edges.circuits.wishes(now, 0);
    const scopes = wishes.filter((scope) => !this.#askedAt.has(scope));
    for (const scope of scopes) this.#askedAt.set(scope, now);
    await Promise.all(scopes.map((scope) => this.#askLease(scope, stateOf(scope).skewMs)));
  }

  async #askLease(scope: string, skewMs: number | null): Promise<void> {
    const { clock, isolate, circuits, object, shardOf } = this.#edges;
    const record = circuits.recordOf(scope);
    if (record === null) return;
    const question = { isolate, sentAt: clock.now(), skewMs, scope, record };
    const answer = await object(shardOf(scope)).lease(question);
    const ahead = skewMs ?? 0;
    circuits.adopt(scope, shiftRecord(answer.record, -ahead), clock.now());
    this.#grant(scope, answer.lease, ahead);
  }

  #apply(snapshot: Snapshot & ConfigNews, shard: number, skewMs: number): void {
    const { clock, circuits, limits, speeds, spending, onConfig, onKey } = this.#edges;
    const now = clock.now();
    for (const { scope, record } of snapshot.circuits) {
      circuits.adopt(scope, shiftRecord(record, -skewMs), now);
    }
    for (const { candidate, reading } of snapshot.limits) {
      limits.adopt(candidate, shiftReading(reading, -skewMs));
    }
    for (const { candidate, speed } of snapshot.speeds ?? []) {
      speeds.adopt(candidate, shiftSpeed(speed, -skewMs));
    }
    if (snapshot.spending !== undefined) spending.adopt(snapshot.spending, now);
    for (const lease of snapshot.leases) this.#grant(lease.scope, lease, skewMs);
    for (const name of snapshot.revoked) onKey(name, true);
    for (const name of snapshot.restored ?? []) onKey(name, false);
    if (shard === 0) {
      this.#isolates = snapshot.isolates;
      onConfig(snapshot);
    }
  }

  #grant(scope: string, lease: GrantedLease | null, skewMs: number): void {
    const { circuits, isolate } = this.#edges;
    const here = lease && { mine: lease.holder === isolate, until: lease.until - skewMs };
    circuits.grant(scope, here);
  }
}

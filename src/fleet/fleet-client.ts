import type { FleetView } from "../contract/decision.ts";
import { FleetLink, type LinkEdges, type LinkState } from "./fleet-link.ts";
import { shardOf } from "./shards.ts";

/** What a warm isolate's first request after a pause waits for the fleet at most. */
const boundedReadMs = 50;
/** A new isolate has no config yet and cannot serve rightly without one: so long waits the request that asks. */
const firstReadMs = 1_000;
/** Promises are not shared between requests: one that waits for another's sync looks this often. */
const lookEveryMs = 5;
/** Objects of providers that no request has asked for lately are not synced with. */
const usedForMs = 10_000;

export type WaitUntil = (work: Promise<unknown>) => void;

export interface ClientEdges extends Omit<LinkEdges, "exchange" | "hasNews"> {
  /** How many objects share the providers among them; the first also has the config. */
  readonly shards: () => number;
  readonly exchange: (shard: number, state: LinkState) => ReturnType<LinkEdges["exchange"]>;
  readonly hasNews: (shard: number) => boolean;
}

/** Which objects of the fleet an isolate talks to, and when. */
export class FleetClient {
  readonly #edges: ClientEdges;
  readonly #links = new Map<number, FleetLink>();
  readonly #usedAt = new Map<number, number>();

  constructor(edges: ClientEdges) {
    this.#edges = edges;
  }

  /** How much of the fleet's knowledge stands behind a decision that is made now. */
  view(): FleetView {
    const links = this.#inUse();
    if (links.some((link) => link.alone)) return "alone";
    return links.some((link) => link.isCold) ? "stale" : "synced";
  }

  /** Whether the object of a scope is there to grant leases. */
  grants(scope: string): boolean {
    return this.#linkOf(scope).reachable;
  }

  stateOf(scope: string): LinkState {
    return this.#linkOf(scope).state;
  }

  shardOf(scope: string): number {
    return shardOf(scope, this.#edges.shards());
  }

  /** A request may ask this provider: its object is worth syncing with. */
  use(provider: string): void {
    if (this.#edges.shards() > 1) {
      this.#usedAt.set(this.shardOf(provider), this.#edges.clock.now());
    }
  }

  /**
   * Called at the start of each request; null when there is nothing to wait for, as ever in a warm
   * isolate: a due sync goes into `waitUntil`. In a cold one it waits, within bounds, for the fleet's
   * word; where another request is asking for it already it does not ask again.
   */
  freshen(waitUntil: WaitUntil): Promise<void> | null {
    const home = this.#link(0);
    const links = home.isNew ? this.#all() : this.#inUse();
    const due = links.filter((link) => link.isDue);
    if (due.length > 0) return this.#sync(due, waitUntil);
    const arrivedAt = this.#edges.clock.now();
    const awaited = links.filter((link) => this.#isAwaited(link, arrivedAt));
    return awaited.length > 0 ? this.#awaitOthers(awaited, arrivedAt) : null;
  }

  #sync(due: readonly FleetLink[], waitUntil: WaitUntil): Promise<void> | null {
    const isNew = due.some((link) => link.isNew);
    const cold = due.some((link) => link.isCold && !link.alone);
    const sync = Promise.all(due.map((link) => link.sync()));
    waitUntil(sync);
    if (!cold) return null;
    const waited = this.#edges.wait(isNew ? firstReadMs : boundedReadMs);
    return Promise.race([sync.then(() => undefined), waited]);
  }

  /** Waits, within bounds, for the word that other requests of this isolate have asked for. */
  async #awaitOthers(asked: readonly FleetLink[], arrivedAt: number): Promise<void> {
    const { wait } = this.#edges;
    while (asked.some((link) => this.#isAwaited(link, arrivedAt))) await wait(lookEveryMs);
  }

  /** Whether a cold isolate's other request has asked, and may still wait for the answer. */
  #isAwaited(link: FleetLink, arrivedAt: number): boolean {
    const since = link.busySince;
    if (since === null || !link.isCold || link.alone) return false;
    // Without any config every request waits its own bound; else the sync as a whole has it.
    return this.#edges.clock.now() < (link.isNew ? arrivedAt : since) + boundedReadMs;
  }

  /** Tells the fleet at once what has changed in a scope; belongs into `waitUntil`. */
  report(scope: string): Promise<void> {
    return this.#linkOf(scope).report();
  }

  /** Tells the first object what is owed to it, unless it is out of reach; belongs into `waitUntil`. */
  tell(): Promise<void> {
    return this.#link(0).tell();
  }

  /** Syncs with every object now, whatever their turn. */
  async syncNow(): Promise<void> {
    await Promise.all(this.#all().map((link) => link.sync()));
  }

  #all(): FleetLink[] {
    return Array.from({ length: this.#edges.shards() }, (_, shard) => this.#link(shard));
  }

  #inUse(): FleetLink[] {
    const shards = this.#edges.shards();
    if (shards === 1) return [this.#link(0)];
    const now = this.#edges.clock.now();
    const used = [...this.#usedAt].filter(([shard, at]) => shard < shards && now - at < usedForMs);
    return [...new Set([0, ...used.map(([shard]) => shard)])].map((shard) => this.#link(shard));
  }

  #linkOf(scope: string): FleetLink {
    return this.#link(this.shardOf(scope));
  }

  #link(shard: number): FleetLink {
    const known = this.#links.get(shard);
    if (known !== undefined) return known;
    const { exchange, hasNews, ...edges } = this.#edges;
    const link = new FleetLink({
      ...edges,
      exchange: (state) => exchange(shard, state),
      hasNews: () => hasNews(shard),
    });
    this.#links.set(shard, link);
    return link;
  }
}

import type { CircuitRecord, FleetReport, Operation, ScopeRecord } from "../contract/circuit.ts";
import { DurableObject } from "cloudflare:workers";
import { ConfigShelf } from "./config-shelf.ts";
import type { CandidateSpeed } from "../contract/speed.ts";
import { FleetSpeeds } from "./fleet-speeds.ts";
import { FleetSpending } from "./fleet-spending.ts";
import { FleetState } from "./fleet-state.ts";
import { FleetStorage } from "./fleet-storage.ts";
import type {
  CandidateLimits,
  ConfigNews,
  Delta,
  LeaseAnswer,
  LeaseQuestion,
  Snapshot,
  SpendingNews,
} from "./messages.ts";

/** Limits and spending change with every answer of a provider; they are written this often at most. */
const writtenEveryMs = 5_000;

/**
 * What the isolates of a deployment share. Its memory is a cache: after an eviction it is read
 * again from its own database, which holds the truth. Its clock counts.
 */
export class Fleet extends DurableObject<Env> {
  readonly #storage: FleetStorage;
  readonly #state: FleetState;
  readonly #configs: ConfigShelf;
  readonly #unwritten = new Map<string, CandidateLimits>();
  readonly #speeds = new FleetSpeeds();
  readonly #claims = new Map<string, number>();
  /** A name for this life of the object: revisions count within it only. */
  readonly #incarnation = crypto.randomUUID();
  readonly #spending: FleetSpending;
  #writeDueAt: number | null = null;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    this.#storage = new FleetStorage(context.storage.sql);
    this.#state = new FleetState(this.#incarnation, this.#storage.load());
    this.#spending = new FleetSpending(this.#storage.loadSpending());
    this.#forget();
    this.#configs = new ConfigShelf(env.DB, (work) => context.waitUntil(work));
  }

  /** Both directions of one sync: takes in what an isolate tells, gives what it does not have yet. */
  async sync(delta: Delta): Promise<Snapshot & ConfigNews> {
    const config = await this.#configs.newsFor(delta.configVersion, Date.now());
    const { snapshot, changes } = this.#state.sync(delta, Date.now());
    this.#storage.write(changes);
    const spending = this.#exchangeSpending(delta);
    await this.#writeLater(changes.limits);
    this.#forget();
    return { ...snapshot, ...config, speeds: this.#exchangeSpeeds(delta), ...spending };
  }

  /** Grants the one lease to probe a scope, or says who has it. */
  async lease(question: LeaseQuestion): Promise<LeaseAnswer> {
    const { answer, changes } = this.#state.lease(question, Date.now());
    this.#storage.write(changes);
    this.#forget();
    return answer;
  }

  /** Opens or closes a scope for everybody; gives what it was and what it is. */
  async operate(operation: Operation): Promise<{ before: CircuitRecord; told: ScopeRecord }> {
    const done = this.#state.operate(operation, Date.now());
    this.#storage.write({ circuits: [done.told], leases: [] });
    return done;
  }

  /** Lets one isolate do what is to be done once; false when another one has it. */
  async claim(name: string, forMs: number): Promise<boolean> {
    const now = Date.now();
    if ((this.#claims.get(name) ?? 0) > now) return false;
    for (const [old, until] of this.#claims) if (until <= now) this.#claims.delete(old);
    this.#claims.set(name, now + forMs);
    return true;
  }

  /** Spreads with the next syncs that a key is revoked, or that it is let in again. */
  async revoke(name: string, revoked: boolean): Promise<void> {
    this.#state.revoke(name, revoked);
    this.#storage.writeKey(name, revoked);
  }

  /** Everything, for operators. */
  async report(): Promise<FleetReport> {
    return this.#state.report(Date.now());
  }

  /** Told by whoever has put a config, so that the next sync of every isolate carries it. */
  async configChanged(): Promise<void> {
    this.#configs.forget();
  }

  override async alarm(): Promise<void> {
    this.#writeDue();
  }

  #forget(): void {
    const forgotten = this.#state.forget(Date.now());
    if (forgotten === null) return;
    for (const candidate of forgotten.limits) this.#unwritten.delete(candidate);
    this.#storage.forget(forgotten);
  }

  /** Speeds are not written down: a new life of the object measures anew. */
  #exchangeSpeeds({ speeds = [], skewMs, sentAt, revision }: Delta): readonly CandidateSpeed[] {
    const now = Date.now();
    const told = { skewMs: skewMs ?? now - sentAt, newcomer: revision === 0 };
    return this.#speeds.exchange(speeds, told, now);
  }

  #exchangeSpending({ isolate, incarnation, spending }: Delta): { spending?: SpendingNews } {
    if (spending === undefined) return {};
    const speaker = { isolate, knowsThisLife: incarnation === this.#incarnation };
    return { spending: this.#spending.exchange(spending, speaker, Date.now()) };
  }

  /**
   * Both go to the disk in bundles: a reading that is lost is said again by the next answer, and
   * spending is told again by its isolate until it is written.
   */
  async #writeLater(limits: readonly CandidateLimits[]): Promise<void> {
    for (const one of limits) this.#unwritten.set(one.candidate, one);
    if (this.#unwritten.size === 0 && !this.#spending.isUnwritten) return;
    if (this.#writeDueAt !== null) return;
    this.#writeDueAt = Date.now() + writtenEveryMs;
    await this.ctx.storage.setAlarm(this.#writeDueAt);
  }

  #writeDue(): void {
    this.#writeDueAt = null;
    this.#storage.writeLimits([...this.#unwritten.values()]);
    this.#unwritten.clear();
    if (!this.#spending.isUnwritten) return;
    this.#storage.writeSpending(this.#spending.content(Date.now()));
    this.#spending.written();
  }
}

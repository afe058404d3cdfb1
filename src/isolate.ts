import type { FleetReport, Operation, Transition } from "./contract/circuit.ts";
import { waitUntil as afterResponse } from "cloudflare:workers";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { v7 as newId } from "uuid";
import bundledConfig from "../lifeboat.config.ts";
import { providerKinds } from "../providers/index.ts";
import { AppKeys, type Caller } from "./admission/app-keys.ts";
import { HedgeBudget } from "./attempt/hedge-budget.ts";
import { SeatBoard } from "./attempt/seats.ts";
import { RetryBudget } from "./attempt/retry-budget.ts";
import { shiftRecord, statedBy } from "./circuit/record.ts";
import { Switchboard } from "./circuit/switchboard.ts";
import { isOwnMachine } from "./config/addresses.ts";
import {
  compileConfig,
  simulatedHost,
  type ActiveConfig,
  type Compiled,
} from "./config/compile.ts";
import { ConfigHolder } from "./config/config-holder.ts";
import type { Clock, Fetch, Wait } from "./contract/edges.ts";
import type { LimitReading } from "./contract/limits.ts";
import type { Candidate } from "./contract/route.ts";
import type { Decision } from "./contract/decision.ts";
import { FleetClient } from "./fleet/fleet-client.ts";
import { FleetVoice } from "./fleet/fleet-voice.ts";
import { LimitBoard } from "./fleet/limit-board.ts";
import { circuitEventWriter, type CircuitEvent } from "./ledger/circuit-events.ts";
import { Recorder } from "./ledger/recorder.ts";
import { decisionWriter } from "./ledger/write-decisions.ts";
import { log } from "./ops/log.ts";
import type { Plan } from "./contract/plan.ts";
import type { HealthSnapshot } from "./plan/plan-request.ts";
import { PromptRatios } from "./plan/prompt-ratios.ts";
import { Speeds } from "./plan/speeds.ts";
import { isNearItsEnd, toWarmFor } from "./plan/warm-up.ts";
import { ListingBoard } from "./ops/listings.ts";
import { ReadinessBoard } from "./ops/readiness.ts";
import { createSimulator, type Simulator } from "./simulator/index.ts";
import { checkSimulatorSettings } from "./simulator/settings.ts";
import { WarmUp } from "./warm-up.ts";

export const clock: Clock = { now: () => Date.now() };
export const random = (): number => Math.random();
export const wait: Wait = (ms, signal) =>
  scheduler.wait(ms, signal === undefined ? {} : { signal });

/**
 * All that one isolate knows, as plain data: it outlives requests, so nothing in it may be a
 * promise, a stream or a timer of one.
 */
export class Isolate {
  readonly env: Env;
  readonly db: DrizzleD1Database;
  readonly config: ConfigHolder;
  readonly circuits: Switchboard;
  readonly listings: ListingBoard;
  readonly readiness: ReadinessBoard;
  readonly recorder: Recorder<Decision>;
  readonly circuitEvents: Recorder<CircuitEvent>;
  readonly fleet: FleetClient;
  readonly appKeys: AppKeys;
  readonly adminToken: string | null;
  readonly local: boolean;
  readonly hedges = new HedgeBudget();
  readonly retryBudget = new RetryBudget();
  readonly limits = new LimitBoard();
  readonly promptRatios = new PromptRatios();
  readonly speeds = new Speeds();
  readonly seats = new SeatBoard(() => this.#voice.isolates);
  readonly #voice: FleetVoice;
  readonly #warmUp: WarmUp;
  readonly #simulator: Simulator;
  readonly #privateAddresses: boolean;
  readonly #bindings: Readonly<Record<string, unknown>>;

  /** `askedAt` is the URL of the request that the isolate is made by. */
  constructor(env: Env, askedAt: string) {
    this.env = env;
    this.#bindings = { ...env };
    this.db = drizzle(env.DB);
    this.local = this.#text("LIFEBOAT_LOCAL") === "true";
    this.#privateAddresses =
      this.local || isOwnMachine(askedAt) || this.#text("LIFEBOAT_PRIVATE_ADDRESSES") === "allow";
    this.appKeys = new AppKeys(this.#text("LIFEBOAT_KEYS"));
    this.adminToken = this.#text("LIFEBOAT_ADMIN_TOKEN") ?? null;
    this.#simulator = createSimulator({ clock, random, wait });
    this.listings = new ListingBoard({ clock, fetch: this.fetch });
    this.readiness = new ReadinessBoard({
      clock,
      fetch: this.fetch,
      listings: this.listings,
      staleAfterMs: this.local ? 10_000 : 60_000,
      refreshed: this.local,
    });
    this.circuits = this.#newSwitchboard();
    this.config = new ConfigHolder({
      bundled: this.#compileBundled(),
      compile: (raw) => this.compile(raw),
      onRefused: (version, reason) => log("config_refused", { version, reason }),
      onChange: (config) => this.#onConfig(config),
    });
    this.recorder = new Recorder({
      clock,
      wait,
      write: decisionWriter(env.DB),
      onLost: (count, error) => log("decisions_lost", { count, error }),
    });
    this.circuitEvents = new Recorder({
      clock,
      wait,
      write: circuitEventWriter(env.DB),
      onLost: (count, error) => log("circuit_events_lost", { count, error }),
    });
    this.fleet = new FleetClient({
      clock,
      random,
      wait,
      shards: () => this.config.active.fleetShards,
      exchange: (shard, state) => this.#voice.exchange(shard, state),
      hasNews: (shard) => this.#voice.hasNews(shard),
      onFailure: (error) => log("fleet_unreachable", { error }),
    });
    this.#warmUp = this.#newWarmUp();
    this.#voice = new FleetVoice({
      clock,
      isolate: newId(),
      circuits: this.circuits,
      limits: this.limits,
      speeds: this.speeds,
      object: (shard) => this.#fleetObject(shard),
      shardOf: (scope) => this.fleet.shardOf(scope),
      configVersion: () => this.config.version,
      onConfig: ({ configVersion, config }) => this.config.adopt(configVersion, config),
      onKey: (name, revoked) => this.appKeys.revoke(name, revoked),
    });
  }

  /** The only way out: simulated accounts are answered in here, all others by the network. */
  readonly fetch: Fetch = (url, init) =>
    url.startsWith(simulatedHost) ? this.#simulator.fetch(url, init) : fetch(url, init);

  /** What plans are made from. */
  readonly health: HealthSnapshot = {
    circuit: (candidate, now) => this.circuits.consider(candidate, now),
    unreachable: (provider, now) => this.readiness.unreachable(provider, now),
    reading: (candidate) => this.limits.readings.get(candidate.id) ?? null,
    facts: (candidate) => this.readiness.facts(candidate),
    ratio: ({ id }) => ({
      ratio: this.promptRatios.of(id),
      learnt: this.promptRatios.isLearnt(id),
    }),
    speed: ({ id }, now) => this.speeds.of(id, now),
    cold: (candidate, now) => this.readiness.cold(candidate, now),
    missing: (candidate, now) => this.readiness.missing(candidate, now),
  };

  /** Keeps what is known of local providers fresh, after the response: asking them costs nothing. */
  freshenReadiness(waitUntil: (work: Promise<unknown>) => void): void {
    if (!this.readiness.isStale(clock.now())) return;
    const { accounts, modelsOf } = this.config.active;
    waitUntil(this.readiness.checkLocal(accounts.values(), modelsOf));
  }

  /** Asks hosted providers what they say of their models, where that is due; once the response is on its way, not before. */
  freshenListings(response: Promise<unknown>, waitUntil: (work: Promise<unknown>) => void): void {
    if (!this.listings.isDue(clock.now())) return;
    const ask = (): Promise<void> => this.listings.freshen(this.config.active.routes);
    waitUntil(response.then(ask, ask));
  }

  /** Takes in what a provider said of its limits; where little is left the next in line gets ready. */
  noteLimits(candidate: Candidate, reading: LimitReading): void {
    this.limits.note(candidate.id, reading);
    if (isNearItsEnd(reading)) this.#warmUpBehind(candidate.id);
  }

  #warmUpBehind(scope: string): void {
    const next = toWarmFor(scope, this.config.active.routes);
    this.#warmUp.start(next.filter((one) => this.readiness.mayBeCold(one, clock.now())));
  }

  compile(raw: unknown): Compiled {
    return compileConfig(raw, {
      kinds: providerKinds,
      bindings: this.#bindings,
      local: this.local,
      privateAddresses: this.#privateAddresses,
      checkSimulator: checkSimulatorSettings,
    });
  }

  /** Tells the fleet that a config was stored, and takes it over here. */
  async spreadConfig(): Promise<void> {
    await this.#fleetObject(0).configChanged();
    await this.fleet.syncNow();
  }

  /** Names the caller, or throws a 401 Refusal; hears before what the fleet has to say, of revoked keys too. */
  async admit(headers: Headers, waitUntil: (work: Promise<unknown>) => void): Promise<Caller> {
    const caller = this.appKeys.authenticate(headers);
    await this.fleet.freshen(waitUntil);
    this.appKeys.refuseRevoked(caller);
    return caller;
  }

  /** Locks an app key out of the whole fleet, or lets it in again; rejects when that cannot be reached. */
  async revokeKey(name: string, revoked: boolean): Promise<void> {
    await this.#fleetObject(0).revoke(name, revoked);
    this.appKeys.revoke(name, revoked);
  }

  /** Asks for the fleet's lease where a request was kept from a probe by the lack of one. */
  seekLeases(plan: Plan): void {
    if (!plan.steps.some(({ skip }) => skip?.reason === "awaiting_lease")) return;
    const asked = this.#voice.askLeases((scope) => this.fleet.stateOf(scope));
    afterResponse(asked.catch((error: unknown) => log("lease_not_asked", { error })));
  }

  /** Writes a circuit's change of state into the ledger; belongs into `waitUntil`, never rejects. */
  recordTransition(transition: Transition): Promise<void> {
    return this.circuitEvents.record({ ...transition, id: newId() });
  }

  /** An operator opens or closes a scope for the whole fleet; rejects when that cannot be reached. */
  async operate(operation: Operation): Promise<void> {
    const { scope } = operation;
    const { before, told } = await this.#fleetObject(this.fleet.shardOf(scope)).operate(operation);
    const at = clock.now();
    const { skewMs } = this.fleet.stateOf(scope);
    this.circuits.adopt(scope, shiftRecord(told.record, -(skewMs ?? 0)), at);
    const { until } = told.record;
    const from = statedBy(before);
    const event = {
      scope,
      from,
      to: operation.to,
      reason: "operator",
      decision: null,
      at,
    } as const;
    afterResponse(
      this.recordTransition({ ...event, until: operation.to === "open" ? until : null }),
    );
  }

  /** What every object of the fleet knows; rejects when one cannot be reached. */
  async fleetReports(): Promise<readonly FleetReport[]> {
    await this.fleet.syncNow();
    const shards = Array.from({ length: this.config.active.fleetShards }, (_, shard) => shard);
    return Promise.all(shards.map((shard) => this.#fleetObject(shard).report()));
  }

  #newSwitchboard(): Switchboard {
    return new Switchboard(random, {
      leases: (scope) => this.fleet.grants(scope),
      isolates: () => this.#voice.isolates,
      onTransition: (transition) => {
        afterResponse(this.recordTransition(transition));
        if (transition.to === "open") this.#warmUpBehind(transition.scope);
      },
      onNews: (scope) => afterResponse(this.fleet.report(scope)),
    });
  }

  #newWarmUp(): WarmUp {
    return new WarmUp({
      clock,
      fetch: this.fetch,
      claim: (name, forMs) => this.#fleetObject(0).claim(name, forMs),
      later: afterResponse,
    });
  }

  #compileBundled(): ActiveConfig {
    const compiled = this.compile(bundledConfig);
    if (compiled.ok) return compiled.config;
    const issues = compiled.issues.map(({ path, reason }) => `${path}: ${reason}`);
    throw new Error(`lifeboat.config.ts: ${issues.join("; ")}`);
  }

  #onConfig(config: ActiveConfig): void {
    this.#simulator.configure(config.simulated);
    this.circuits.retune();
    this.readiness.forget();
    this.listings.forget();
  }

  #fleetObject(shard: number) {
    return this.env.FLEET.getByName(shard === 0 ? "fleet" : `fleet-${shard}`);
  }

  #text(name: string): string | undefined {
    const value = this.#bindings[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }
}

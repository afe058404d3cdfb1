import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import bundledConfig from "../lifeboat.config.ts";
import { providerKinds } from "../providers/index.ts";
import { AppKeys } from "./admission/app-keys.ts";
import { HedgeBudget } from "./attempt/hedge-budget.ts";
import { Switchboard } from "./circuit/switchboard.ts";
import {
  compileConfig,
  simulatedHost,
  type ActiveConfig,
  type Compiled,
} from "./config/compile.ts";
import { ConfigHolder } from "./config/config-holder.ts";
import type { Clock, Fetch, Wait } from "./contract/edges.ts";
import type { LimitReading } from "./contract/limits.ts";
import { FleetClient } from "./fleet/fleet-client.ts";
import { Recorder } from "./ledger/recorder.ts";
import { writeDecisions } from "./ledger/write-decisions.ts";
import { log } from "./ops/log.ts";
import type { HealthSnapshot } from "./plan/plan-request.ts";
import { ReadinessBoard } from "./ops/readiness.ts";
import { createSimulator, type Simulator } from "./simulator/index.ts";
import { checkSimulatorSettings } from "./simulator/settings.ts";

export const clock: Clock = { now: () => Date.now() };
const random = (): number => Math.random();
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
  readonly circuits = new Switchboard(random);
  readonly readiness: ReadinessBoard;
  readonly recorder: Recorder;
  readonly fleet: FleetClient;
  readonly appKeys: AppKeys;
  readonly adminToken: string | null;
  readonly local: boolean;
  readonly hedges = new HedgeBudget();
  /** The last word of each candidate's provider on its limits. */
  readonly limits = new Map<string, LimitReading>();
  readonly #simulator: Simulator;
  readonly #bindings: Readonly<Record<string, unknown>>;

  constructor(env: Env) {
    this.env = env;
    this.#bindings = { ...env };
    this.db = drizzle(env.DB);
    this.local = this.#text("LIFEBOAT_LOCAL") === "true";
    this.appKeys = new AppKeys(this.#text("LIFEBOAT_KEYS"));
    this.adminToken = this.#text("LIFEBOAT_ADMIN_TOKEN") ?? null;
    this.#simulator = createSimulator({ clock, random, wait });
    this.readiness = new ReadinessBoard({ clock, fetch: this.fetch });
    this.config = new ConfigHolder({
      bundled: this.#compileBundled(),
      compile: (raw) => this.compile(raw),
      onRefused: (version, reason) => log("config_refused", { version, reason }),
      onChange: (config) => this.#onConfig(config),
    });
    this.recorder = new Recorder({
      clock,
      wait,
      write: (batch) => writeDecisions(this.db, batch),
      onLost: (count, error) => log("decisions_lost", { count, error }),
    });
    this.fleet = new FleetClient({
      clock,
      random,
      wait,
      exchange: () => this.#exchange(),
      onFailure: (error) => log("fleet_unreachable", { error }),
    });
  }

  /** The only way out: simulated accounts are answered in here, all others by the network. */
  readonly fetch: Fetch = (url, init) =>
    url.startsWith(simulatedHost) ? this.#simulator.fetch(url, init) : fetch(url, init);

  /** What plans are made from. */
  readonly health: HealthSnapshot = {
    circuit: (candidate, now) => this.circuits.look(candidate, now),
    unreachable: (provider, now) => this.readiness.unreachable(provider, now),
  };

  /**
   * On a developer's machine, keeps what is known of local providers fresh, after the response:
   * there a provider that is down is the usual case, and asking costs nothing.
   */
  freshenReadiness(waitUntil: (work: Promise<unknown>) => void): void {
    if (!this.local || !this.readiness.isStale(clock.now())) return;
    waitUntil(this.readiness.checkLocal(this.config.active.accounts.values()));
  }

  compile(raw: unknown): Compiled {
    return compileConfig(raw, {
      kinds: providerKinds,
      bindings: this.#bindings,
      local: this.local,
      checkSimulator: checkSimulatorSettings,
    });
  }

  /** Tells the fleet that a config was stored, and takes it over here. */
  async spreadConfig(): Promise<void> {
    await this.#fleetObject().configChanged();
    await this.#exchange();
  }

  #compileBundled(): ActiveConfig {
    const compiled = this.compile(bundledConfig);
    if (compiled.ok) return compiled.config;
    const issues = compiled.issues.map(({ path, reason }) => `${path}: ${reason}`);
    throw new Error(`lifeboat.config.ts: ${issues.join("; ")}`);
  }

  #onConfig(config: ActiveConfig): void {
    this.#simulator.configure(config.simulated);
    this.circuits.forgetClosed(clock.now());
    this.readiness.forget();
  }

  async #exchange(): Promise<void> {
    const answer = await this.#fleetObject().sync({ configVersion: this.config.version });
    this.config.adopt(answer.configVersion, answer.config);
  }

  #fleetObject() {
    return this.env.FLEET.getByName("fleet");
  }

  #text(name: string): string | undefined {
    const value = this.#bindings[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  }
}

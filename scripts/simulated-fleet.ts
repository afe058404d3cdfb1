import { openAiCompatibleProvider } from "./simulated-provider.ts";
import { Switchboard, type CandidatePermit } from "../src/circuit/switchboard.ts";
import {
  defaultBreaker,
  defaultRetries,
  defaultTimeouts,
  plainCandidate,
  plainRoute,
} from "../src/config/defaults.ts";
import { resolveModel } from "../src/config/models.ts";
import { resolveStreaming } from "../src/config/streaming.ts";
import type { Failure } from "../src/contract/failure.ts";
import type { Candidate, Route } from "../src/contract/route.ts";
import { FleetClient } from "../src/fleet/fleet-client.ts";
import { FleetState } from "../src/fleet/fleet-state.ts";
import { FleetVoice, type FleetCalls } from "../src/fleet/fleet-voice.ts";
import { LimitBoard } from "../src/fleet/limit-board.ts";
import { Speeds } from "../src/plan/speeds.ts";
import { nothingKnown } from "../src/plan/knowledge.ts";
import { planRequest } from "../src/plan/plan-request.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What the upstream does with a call at an instant; null: it answers. */
type Upstream = (at: number) => { failure: Failure; afterMs: number } | null;

/** One upstream call to the provider that fails. */
export interface Call {
  readonly at: number;
  readonly isolate: number;
  readonly failed: boolean;
  readonly probe: boolean;
}

export interface World {
  readonly time: VirtualTime;
  readonly random: () => number;
  readonly upstream: Upstream;
  /** False: no isolate ever reaches the object. */
  readonly shared: boolean;
  readonly calls: Call[];
  readonly objectCalls: number[];
}

const answersAfterMs = 400;

function candidate(name: string): Candidate {
  const account = {
    name,
    kind: "simulated",
    local: false,
    provider: openAiCompatibleProvider(name),
    missing: null,
  };
  const timeouts = defaultTimeouts;
  return {
    id: `${name}/m`,
    account,
    ...resolveModel(undefined, "m"),
    timeouts,
    ...plainCandidate,
  };
}

const main = candidate("main");
const spare = candidate("spare");
const route: Route = {
  name: "chat",
  candidates: [main, spare],
  timeouts: defaultTimeouts,
  breaker: defaultBreaker,
  streaming: resolveStreaming(null),
  retries: defaultRetries,
  ...plainRoute,
};

/** The one object: its real state, behind a way that takes time. */
export function fleetObject({ time, objectCalls }: World): FleetCalls {
  const nothing = { circuits: [], limits: [], leases: [], keys: [] };
  const state = new FleetState("simulated", nothing);
  return {
    sync: async (delta) => {
      objectCalls.push(time.now());
      return { ...state.sync(delta, time.now()).snapshot, configVersion: 0, config: null };
    },
    lease: async (question) => {
      objectCalls.push(time.now());
      return state.lease(question, time.now()).answer;
    },
  };
}

/** One isolate: the circuits, the client and the voice that are deployed, around upstreams that are not. */
export class SimulatedIsolate {
  readonly #world: World;
  readonly #id: number;
  readonly #clock: { now: () => number };
  readonly #circuits: Switchboard;
  readonly #client: FleetClient;
  readonly #voice: FleetVoice;

  constructor(id: number, world: World, object: FleetCalls) {
    const { time, random } = world;
    this.#id = id;
    this.#world = world;
    // No two clocks agree, and some isolates are an ocean away from the object.
    const skewMs = Math.round((random() - 0.5) * 4_000);
    const oneWayMs = 2 + random() ** 2 * 120;
    const clock = { now: () => time.now() + skewMs };
    this.#clock = clock;
    this.#circuits = new Switchboard(random, {
      leases: (scope) => this.#client.grants(scope),
      isolates: () => this.#voice.isolates,
      onTransition: () => {},
      onNews: (scope) => void this.#client.report(scope),
    });
    this.#client = new FleetClient({
      clock,
      random,
      wait: time.wait,
      shards: () => 1,
      hasNews: (shard) => this.#voice.hasNews(shard),
      onFailure: () => {},
      exchange: (shard, state) => this.#voice.exchange(shard, state),
    });
    this.#voice = new FleetVoice({
      clock,
      isolate: String(id),
      circuits: this.#circuits,
      limits: new LimitBoard(),
      speeds: new Speeds(),
      shardOf: () => 0,
      configVersion: () => 0,
      onConfig: () => {},
      onKey: () => {},
      object: () => ({
        sync: (delta) => this.#travel(oneWayMs, () => object.sync(delta)),
        lease: (question) => this.#travel(oneWayMs, () => object.lease(question)),
      }),
    });
  }

  /** What this isolate would tell a request of the failing provider now. */
  isOpen(): boolean {
    return this.#circuits.look(main, this.#clock.now()).state === "open";
  }

  async request(): Promise<void> {
    await this.#client.freshen(() => {});
    const health = {
      circuit: (one: Candidate, now: number) => this.#circuits.consider(one, now),
      unreachable: () => null,
      reading: () => null,
      ...nothingKnown,
    };
    const { random } = this.#world;
    const request = { model: "chat", messages: [] };
    const planned = { now: this.#clock.now(), noFallback: false, random, request, decision: "d" };
    const plan = planRequest(route, health, planned);
    if (plan.steps.some(({ skip }) => skip?.reason === "awaiting_lease")) {
      this.#voice.askLeases((scope) => this.#client.stateOf(scope)).catch(() => {});
    }
    for (const step of plan.steps) {
      if (step.skip !== null) continue;
      const { anyway } = step;
      const options = { breaker: defaultBreaker, anyway: anyway === true };
      const take = this.#circuits.take(step.candidate, options, this.#clock.now());
      if (take.granted && (await this.#call(step.candidate, take.permit))) return;
    }
  }

  async #call(asked: Candidate, permit: CandidatePermit): Promise<boolean> {
    const { time, upstream, calls } = this.#world;
    const met = asked === main ? upstream(time.now()) : null;
    if (asked === main) {
      const probe = permit.provider.permit.probe || permit.candidate.permit.probe;
      calls.push({ at: time.now(), isolate: this.#id, failed: met !== null, probe });
    }
    await time.wait(met?.afterMs ?? answersAfterMs);
    if (met === null) this.#circuits.succeed(permit, this.#clock.now());
    else this.#circuits.fail(permit, met.failure, this.#clock.now());
    return met === null;
  }

  async #travel<T>(oneWayMs: number, call: () => Promise<T>): Promise<T> {
    const { time, shared } = this.#world;
    await time.wait(oneWayMs);
    if (!shared) throw new Error("out of reach");
    const answer = await call();
    await time.wait(oneWayMs);
    return answer;
  }
}

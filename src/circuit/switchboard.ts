import type { CircuitState } from "../contract/decision.ts";
import type { Random } from "../contract/edges.ts";
import type { Failure } from "../contract/failure.ts";
import type { BreakerOptions, Candidate } from "../contract/route.ts";
import { Circuit, type CircuitView, type Permit } from "./circuit.ts";

/** The right to make one attempt at a candidate: of its own circuit and of its provider's. */
export interface CandidatePermit {
  readonly provider: Held;
  readonly candidate: Held;
}

interface Held {
  readonly circuit: Circuit;
  readonly permit: Permit;
}

export type CandidateTake =
  | { readonly granted: true; readonly permit: CandidatePermit }
  | { readonly granted: false; readonly until: number; readonly probing: boolean };

const mostCircuits = 2_000;

/** Every circuit that this isolate knows, by scope: a provider's name, or `provider/model`. */
export class Switchboard {
  readonly #random: Random;
  readonly #circuits = new Map<string, Circuit>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What stands in the way of a candidate: its provider's circuit if that is not closed, else its own. */
  look(candidate: Candidate, now: number): CircuitView {
    const provider = this.#circuits.get(candidate.account.name)?.view(now) ?? closedView;
    if (provider.state === "open") return provider;
    const own = this.#circuits.get(candidate.id)?.view(now) ?? closedView;
    return own.state === "closed" ? provider : own;
  }

  state(candidate: Candidate, now: number): CircuitState {
    return this.look(candidate, now).state;
  }

  /** `options` count for a scope that is met for the first time. */
  take(candidate: Candidate, options: BreakerOptions, now: number): CandidateTake {
    const provider = this.#circuit(candidate.account.name, options, now);
    const own = this.#circuit(candidate.id, options, now);
    const first = provider.take(now);
    if (!first.granted) return first;
    const second = own.take(now);
    if (!second.granted) {
      provider.release(first.permit);
      return second;
    }
    return {
      granted: true,
      permit: {
        provider: { circuit: provider, permit: first.permit },
        candidate: { circuit: own, permit: second.permit },
      },
    };
  }

  async succeed({ provider, candidate }: CandidatePermit, now: number): Promise<void> {
    await provider.circuit.succeed(provider.permit, now);
    await candidate.circuit.succeed(candidate.permit, now);
  }

  /**
   * Settles a failed attempt. Only the scope that the failure speaks of is blamed; for the other
   * one it says nothing, as a neutral failure says nothing for both.
   */
  async fail(
    { provider, candidate }: CandidatePermit,
    failure: Failure,
    now: number,
  ): Promise<void> {
    const blamesProvider = failure.verdict === "failure" && failure.scope === "provider";
    const blamesCandidate = failure.verdict === "failure" && failure.scope !== "provider";
    if (blamesProvider) await provider.circuit.fail(provider.permit, failure, now);
    else provider.circuit.release(provider.permit);
    if (blamesCandidate) await candidate.circuit.fail(candidate.permit, failure, now);
    else candidate.circuit.release(candidate.permit);
  }

  /** Every circuit with its scope, for operators. */
  list(now: number): readonly ({ readonly scope: string } & CircuitView)[] {
    return [...this.#circuits].map(([scope, circuit]) => ({ scope, ...circuit.view(now) }));
  }

  #circuit(scope: string, options: BreakerOptions, now: number): Circuit {
    const known = this.#circuits.get(scope);
    if (known !== undefined) return known;
    if (this.#circuits.size >= mostCircuits) this.forgetClosed(now);
    const circuit = new Circuit(options, this.#random, now);
    this.#circuits.set(scope, circuit);
    return circuit;
  }

  /**
   * Drops the circuits that are closed: after a config change they are built anew with its options,
   * and apps that ask for ever new model names must not fill the isolate's memory.
   */
  forgetClosed(now: number): void {
    for (const [scope, circuit] of this.#circuits) {
      if (circuit.view(now).state === "closed") this.#circuits.delete(scope);
    }
  }
}

const closedView: CircuitView = { state: "closed", since: 0, until: null, reason: null };

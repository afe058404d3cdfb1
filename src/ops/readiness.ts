import type { Clock, Fetch } from "../contract/edges.ts";
import type { ModelState, Readiness } from "../contract/provider.ts";
import { firstKnown } from "../contract/facts.ts";
import type { Account, Candidate, ModelFacts } from "../contract/route.ts";
import type { ListingBoard } from "./listings.ts";

/** A check is for telling people and plans what is there; it must not hang on what is not. */
const checkMs = 1_500;
/** How long the knowledge that a local provider is down is acted upon. */
const downForMs = 10_000;
/** A model that was loaded a while ago may have been put away since: nobody can say any more. */
const stateForMs = 5 * 60_000;

/** A model's name with how it is doing, as operators see it. */
export type ModelReport = Pick<ModelState, "model" | "state" | "advice">;

export interface ProviderReadiness {
  readonly name: string;
  readonly kind: string;
  readonly ready: boolean;
  readonly reason: string | null;
  /** Of the models that the config names, where the provider tells how they are doing. */
  readonly models: readonly ModelReport[];
}

/** What is known of a model, and by whose word. `catalogue` is what is built in. */
export type ExplainedFacts = Readonly<
  Record<
    string,
    {
      readonly value: ModelFacts[keyof ModelFacts];
      readonly from: "config" | "listing" | "catalogue" | "unknown";
    }
  >
>;

interface Known {
  readonly readiness: Readiness;
  readonly at: number;
}

interface Merged {
  readonly told: Partial<ModelFacts>;
  readonly facts: ModelFacts;
}

/** What is known about whether providers are there, by asking the ones that cost nothing to ask. */
export class ReadinessBoard {
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #staleAfterMs: number;
  readonly #refreshed: boolean;
  readonly #listings: ListingBoard;
  readonly #local = new Map<string, Known>();
  readonly #states = new Map<string, ModelState & { readonly at: number }>();
  /** What came of putting together what is known of a candidate; plans ask for it again and again. */
  readonly #merged = new WeakMap<Candidate, Merged>();
  #checkedAt = Number.NEGATIVE_INFINITY;

  /**
   * `staleAfterMs`: how often, at most, providers are asked. `refreshed`: requests keep the
   * knowledge fresh, so that the last word counts until the next.
   */
  constructor(edges: {
    clock: Clock;
    fetch: Fetch;
    listings: ListingBoard;
    staleAfterMs: number;
    refreshed: boolean;
  }) {
    this.#listings = edges.listings;
    this.#refreshed = edges.refreshed;
    this.#clock = edges.clock;
    this.#fetch = edges.fetch;
    this.#staleAfterMs = edges.staleAfterMs;
  }

  /** Why a local provider is known to be out of reach; null when it answers or nobody has asked lately. */
  unreachable(provider: string, now: number): { reason: string; until: number } | null {
    const known = this.#local.get(provider);
    if (known === undefined || known.readiness.ready || known.readiness.answers) return null;
    return this.#counted({ reason: known.readiness.reason }, known.at + downForMs, now);
  }

  /** What to do about a model that is known not to be on its machine; null when it is, or nobody has asked lately. */
  missing(candidate: Candidate, now: number): { advice: string; until: number } | null {
    const known = this.#stateOf(candidate);
    if (known?.state !== "missing") return null;
    const advice = known.advice ?? "the model is missing";
    return this.#counted({ advice }, known.at + this.#staleAfterMs, now);
  }

  /** Whether a model has to be loaded before it answers, as far as anybody knows. */
  cold(candidate: Candidate, now: number): boolean {
    const known = this.#stateOf(candidate);
    return known?.state === "cold" && now - known.at < stateForMs;
  }

  /** Whether a model is not known to be loaded, and not known to be missing. */
  mayBeCold(candidate: Candidate, now: number): boolean {
    const known = this.#stateOf(candidate);
    if (known === undefined || now - known.at >= stateForMs) return true;
    return known.state === "cold";
  }

  /**
   * What is known of a candidate's model: the config's word, then what its provider says of it today,
   * then what was known without asking.
   */
  facts(candidate: Candidate): ModelFacts {
    const told = this.#told(candidate);
    if (told === null) return candidate.facts;
    const before = this.#merged.get(candidate);
    if (before?.told === told) return before.facts;
    const facts = firstKnown(candidate.stated, told, candidate.facts);
    this.#merged.set(candidate, { told, facts });
    return facts;
  }

  /** The same, each thing with who says it. */
  explained(candidate: Candidate): ExplainedFacts {
    const { stated } = candidate;
    const told = this.#told(candidate) ?? {};
    const says = (saying: Partial<ModelFacts>): ReadonlySet<string> =>
      new Set(
        Object.entries(saying).flatMap(([name, said]) =>
          said === null || said === undefined ? [] : [name],
        ),
      );
    const sources = [
      ["config", says(stated)],
      ["listing", says(told)],
      ["catalogue", says(candidate.facts)],
    ] as const;
    const explained = Object.entries(this.facts(candidate)).map(([name, value]) => {
      const [from = "unknown"] = sources.find(([, names]) => names.has(name)) ?? [];
      return [name, { value, from }] as const;
    });
    return Object.fromEntries(explained);
  }

  /** A model has answered, so it is loaded. */
  answered(candidate: Candidate, now: number): void {
    const known = this.#stateOf(candidate);
    if (known === undefined) return;
    const key = keyOf(candidate.account.name, candidate.model);
    this.#states.set(key, { ...known, state: "warm", advice: null, at: now });
  }

  /** Whether what is known of local providers has grown old. */
  isStale(now: number): boolean {
    return now - this.#checkedAt >= this.#staleAfterMs;
  }

  forget(): void {
    this.#local.clear();
    this.#states.clear();
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  /** Asks every local provider about the models that the config names, side by side; never rejects. */
  async checkLocal(
    accounts: Iterable<Account>,
    modelsOf: (provider: string) => readonly string[],
  ): Promise<void> {
    this.#checkedAt = this.#clock.now();
    const local = [...accounts].filter((account) => account.local);
    await Promise.all(local.map((account) => this.#check(account, modelsOf(account.name))));
  }

  /** Every account with what is known of it; hosted ones are ready when they have their key. */
  list(accounts: Iterable<Account>): readonly ProviderReadiness[] {
    return [...accounts].map(({ name, kind, missing }) => {
      const none = { name, kind, models: [] };
      if (missing !== null) return { ...none, ready: false, reason: `no ${missing}` };
      const known = this.#local.get(name)?.readiness;
      if (known === undefined) return { ...none, ready: true, reason: null };
      if (!known.ready) return { ...none, ready: false, reason: known.reason };
      const models = (known.states ?? []).map((one) => this.#report(name, one));
      return { ...none, ready: true, reason: null, models };
    });
  }

  /** Bad news, and until when it counts; null when it does not any more. */
  #counted<N extends object>(news: N, until: number, now: number): (N & { until: number }) | null {
    if (now < until) return { ...news, until };
    return this.#refreshed ? { ...news, until: now } : null;
  }

  #report(provider: string, { model, ...checked }: ModelState): ModelReport {
    const { state, advice } = this.#states.get(keyOf(provider, model)) ?? checked;
    return { model, state, advice };
  }

  #stateOf({ account, model }: Candidate): (ModelState & { readonly at: number }) | undefined {
    return account.local ? this.#states.get(keyOf(account.name, model)) : undefined;
  }

  #told(candidate: Candidate): Partial<ModelFacts> | null {
    return this.#stateOf(candidate)?.facts ?? this.#listings.told(candidate);
  }

  async #check({ name, provider }: Account, models: readonly string[]): Promise<void> {
    if (provider === null) return;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), checkMs);
    const readiness = await provider.check({ fetch: this.#fetch, signal: stop.signal, models });
    clearTimeout(timer);
    const at = this.#clock.now();
    this.#local.set(name, { readiness, at });
    if (!readiness.ready) return;
    if (readiness.told !== undefined) this.#listings.note(name, readiness.told);
    for (const state of readiness.states ?? []) {
      this.#states.set(keyOf(name, state.model), { ...state, at });
    }
  }
}

function keyOf(provider: string, model: string): string {
  return `${provider}/${model}`;
}

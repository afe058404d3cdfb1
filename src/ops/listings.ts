import type { Clock, Fetch } from "../contract/edges.ts";
import type { ModelListing, ToldModels } from "../contract/provider.ts";
import type { Candidate, ModelFacts, Route } from "../contract/route.ts";

/** How long what a provider says of its models is not asked for again. */
const everyMs = 60 * 60_000;
/** Where it could not be read. */
const againAfterMs = 5 * 60_000;
/** Behind a response there is time; an operator waits. */
const patienceMs = 5_000;
const lookMs = 1_500;
/** Asking that was begun so long ago was cut off with its request, and another takes it over. */
const takenOverAfterMs = 30_000;

type Routed = Pick<Route, "candidates">;

/** An account whose listing may tell something that nobody knows. */
interface Asked {
  readonly name: string;
  readonly listing: ModelListing;
  readonly models: readonly string[];
}

/**
 * What hosted providers say of the models that the config names. A request never waits for it, no
 * circuit hears of it, and where a listing cannot be read all stays as it was.
 */
export class ListingBoard {
  readonly #clock: Clock;
  readonly #fetch: Fetch;
  readonly #told = new Map<string, Partial<ModelFacts>>();
  /** When each account may be asked unbidden again, ms UTC. */
  readonly #nextAt = new Map<string, number>();
  #dueAt = Number.NEGATIVE_INFINITY;
  /** Counts the configs: what was asked for another one counts no more. */
  #config = 0;

  constructor({ clock, fetch }: { clock: Clock; fetch: Fetch }) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /** What a candidate's provider said of its model; null when it said nothing. */
  told({ account, model }: Candidate): Partial<ModelFacts> | null {
    if (this.#told.size === 0) return null;
    return this.#told.get(keyOf(account.name, model)) ?? null;
  }

  note(provider: string, told: ToldModels): void {
    for (const [model, facts] of told) this.#told.set(keyOf(provider, model), facts);
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt;
  }

  forget(): void {
    this.#told.clear();
    this.#nextAt.clear();
    this.#dueAt = Number.NEGATIVE_INFINITY;
    this.#config += 1;
  }

  /**
   * Asks those that may be asked unbidden and were not lately, one after the other: requests
   * need the connections. Never rejects.
   */
  async freshen(routes: readonly Routed[]): Promise<void> {
    const now = this.#clock.now();
    if (!this.isDue(now)) return;
    const config = this.#config;
    this.#dueAt = now + takenOverAfterMs;
    const unasked = worthAsking(routes).filter(({ listing }) => listing.unasked);
    for (const asked of unasked) {
      if (now < (this.#nextAt.get(asked.name) ?? now)) continue;
      const askedAt = this.#clock.now();
      // Asking that is cut off with its request has failed too.
      this.#nextAt.set(asked.name, askedAt + againAfterMs);
      const hasTold = await this.#ask(asked, patienceMs);
      if (config !== this.#config) return;
      if (hasTold) this.#nextAt.set(asked.name, askedAt + everyMs);
    }
    // None at all: never.
    this.#dueAt = Math.min(...unasked.map(({ name }) => this.#nextAt.get(name) ?? now));
  }

  /** An operator looks: asks all whose listing may tell something, side by side; never rejects. */
  async look(routes: readonly Routed[]): Promise<void> {
    await Promise.all(worthAsking(routes).map((asked) => this.#ask(asked, lookMs)));
  }

  /** Whether it has told anything that could be read. */
  async #ask({ name, listing, models }: Asked, withinMs: number): Promise<boolean> {
    const config = this.#config;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), withinMs);
    const told = await listing.read({ fetch: this.#fetch, signal: stop.signal, models });
    clearTimeout(timer);
    if (told !== null && config === this.#config) this.note(name, told);
    return told !== null;
  }
}

/** Hosted accounts with a model of which something is unknown that decides who may serve. */
function worthAsking(routes: readonly Routed[]): readonly Asked[] {
  const named = routes
    .flatMap(({ candidates }) => candidates)
    .filter(({ account, model }) => !account.local && model !== "*");
  const byAccount = Map.groupBy(named, ({ account }) => account.name);
  return [...byAccount].flatMap(([name, own]) => {
    const listing = own[0]?.account.provider?.listing;
    if (listing === undefined || !own.some(({ facts }) => isPartlyUnknown(facts))) return [];
    return [{ name, listing, models: [...new Set(own.map(({ model }) => model))] }];
  });
}

function isPartlyUnknown({ contextWindow, tools, price }: ModelFacts): boolean {
  return contextWindow === null || tools === null || price === null;
}

function keyOf(provider: string, model: string): string {
  return `${provider}/${model}`;
}

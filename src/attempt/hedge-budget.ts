/** Hedges may be this share of the requests of a window, and so many whatever their number. */
const share = 0.05;
const floor = 2;
const windowMs = 60_000;

/** How many second candidates one isolate may start beside the first: they cost money and load. */
export class HedgeBudget {
  #windowBeganAt = 0;
  #requests = 0;
  #hedges = 0;

  countRequest(now: number): void {
    this.#roll(now);
    this.#requests += 1;
  }

  /** Takes one hedge out of the budget; false when it is spent. */
  take(now: number): boolean {
    this.#roll(now);
    if (this.#hedges >= Math.max(floor, this.#requests * share)) return false;
    this.#hedges += 1;
    return true;
  }

  /** Gives a hedge back that found no candidate. */
  giveBack(): void {
    this.#hedges = Math.max(0, this.#hedges - 1);
  }

  #roll(now: number): void {
    const age = now - this.#windowBeganAt;
    // A clock that was set back would else hold the window for as long as it was set back.
    if (age >= 0 && age < windowMs) return;
    this.#windowBeganAt = now;
    this.#requests = 0;
    this.#hedges = 0;
  }
}

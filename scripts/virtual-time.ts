/** A clock that jumps from event to event, so that an hour takes as long as what happens in it. */
export class VirtualTime {
  #now: number;
  #sequence = 0;
  /** A binary heap, the earliest first. */
  readonly #heap: { at: number; sequence: number; act: () => void }[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly wait = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      this.at(this.#now + ms, resolve);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  at(at: number, act: () => void): void {
    this.#sequence += 1;
    this.#heap.push({ at, sequence: this.#sequence, act });
    this.#rise(this.#heap.length - 1);
  }

  /** Lets everything happen up to an instant, each event to its end before the next one. */
  async runUntil(end: number): Promise<void> {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = Math.max(this.#now, end);
  }

  #earlier(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return one !== undefined;
    return one.at === other.at ? one.sequence < other.sequence : one.at < other.at;
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }

  #rise(at: number): void {
    for (let child = at; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#earlier(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  #pop(): void {
    this.#swap(0, this.#heap.length - 1);
    this.#heap.pop();
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const least = this.#earlier(right, left) ? right : left;
      if (least >= this.#heap.length || !this.#earlier(least, parent)) return;
      this.#swap(parent, least);
      parent = least;
    }
  }
}

/** A reproducible source of numbers in [0, 1): mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

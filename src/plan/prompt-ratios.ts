/** A new observation moves what is known by this share; the first ones by more. */
const weight = 0.2;
/** Beyond these the usage that a provider states is not believed. */
const least = 0.25;
const most = 4;
const mostModels = 1_000;
/** Of a prompt shorter than this the marks of the chat template tell more than its text. */
const shortest = 50;

/** By how much prompts differ from their estimate at one candidate. */
interface Known {
  readonly ratio: number;
  readonly seen: number;
}

/** Learns each candidate's tokenizer from the usage that its answers state. Plain data; pure. */
export class PromptRatios {
  readonly #known = new Map<string, Known>();

  /** Real tokens for each that was estimated; 1 when nothing was seen. */
  of(candidate: string): number {
    return this.#known.get(candidate)?.ratio ?? 1;
  }

  /** Whether the ratio rests on real usage. */
  isLearnt(candidate: string): boolean {
    return (this.#known.get(candidate)?.seen ?? 0) >= 3;
  }

  learn(candidate: string, estimated: number, real: number): void {
    if (estimated < shortest || real <= 0) return;
    const ratio = Math.min(most, Math.max(least, real / estimated));
    const { ratio: before, seen } = this.#known.get(candidate) ?? { ratio: 1, seen: 0 };
    const share = Math.max(weight, 1 / (seen + 1));
    if (seen === 0 && this.#known.size >= mostModels) this.#known.clear();
    this.#known.set(candidate, { ratio: before + (ratio - before) * share, seen: seen + 1 });
  }
}

import { modelName } from "./model-name.ts";

/** As long as Ollama keeps an idle model loaded, by default. Source: https://docs.ollama.com/faq */
const keptMs = 5 * 60_000;

/** More models than one machine can hold; only a bound. */
const mostModels = 100;

interface Loaded {
  readonly size: number;
  /** When so much was last needed, ms UTC; null where nobody here has needed it yet. */
  readonly neededAt: number | null;
}

/**
 * Remembers how large each model's context was last loaded. Ollama loads a model anew when its
 * `num_ctx` changes, so a short prompt between long ones goes with the larger size.
 */
export class ContextMemory {
  readonly #loaded = new Map<string, Loaded>();

  /** The size that it was asked for last; null when it never was. */
  last(model: string): number | null {
    return this.#loaded.get(modelName(model))?.size ?? null;
  }

  /** The context to ask for, in tokens: what is needed, or the larger one needed lately. */
  sizeFor(model: string, needed: number, now: number): number {
    const loaded = this.#loaded.get(modelName(model));
    const neededAt = loaded?.neededAt ?? now;
    if (loaded !== undefined && loaded.size > needed && now - neededAt < keptMs) {
      this.#keep(model, { size: loaded.size, neededAt });
      return loaded.size;
    }
    this.#keep(model, { size: needed, neededAt: now });
    return needed;
  }

  /** A model is loaded with so much, by whomever. The time that it is kept begins with the next request. */
  isLoaded(model: string, size: number): void {
    if (size > (this.last(model) ?? 0)) this.#keep(model, { size, neededAt: null });
  }

  #keep(model: string, loaded: Loaded): void {
    const name = modelName(model);
    if (this.#loaded.size >= mostModels && !this.#loaded.has(name)) this.#loaded.clear();
    this.#loaded.set(name, loaded);
  }
}

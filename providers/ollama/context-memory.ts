/** As long as Ollama keeps an idle model loaded, by default. Source: https://docs.ollama.com/faq */
const keptMs = 5 * 60_000;

/** More models than one machine can hold; only a bound. */
const mostModels = 100;

/**
 * Remembers how large each model's context was last loaded. Ollama loads a model anew when its
 * `num_ctx` changes, so a short prompt between long ones goes with the larger size.
 */
export class ContextMemory {
  readonly #loaded = new Map<string, { readonly size: number; readonly neededAt: number }>();

  /** The size that it was asked for last; null when it never was. */
  last(model: string): number | null {
    return this.#loaded.get(model)?.size ?? null;
  }

  /** The context to ask for, in tokens: what is needed, or the larger one needed lately. */
  sizeFor(model: string, needed: number, now: number): number {
    const loaded = this.#loaded.get(model);
    if (loaded !== undefined && loaded.size > needed && now - loaded.neededAt < keptMs) {
      return loaded.size;
    }
    if (this.#loaded.size >= mostModels) this.#loaded.clear();
    this.#loaded.set(model, { size: needed, neededAt: now });
    return needed;
  }
}

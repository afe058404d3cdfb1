import { modelName } from "./model-name.ts";

/** How a model may be told to think: by its level, by yes and no, or only not to. */
export type Thinking = "levels" | "switch" | "never";

/** As long as a refusal counts where no change of the model is seen, as of one pulled anew. */
const keptMs = 60 * 60_000;

interface Learnt {
  readonly thinking: Thinking;
  readonly at: number;
  readonly changed: string | null;
}

/** What is known of a model when it is asked. */
interface Seen {
  readonly now: number;
  /** When the model had last changed, as the list says; null when the list was not asked. */
  readonly changed: string | null;
}

/** Remembers how models that refused a `think` may be told to, until they change or an hour has gone. */
export class ThinkingMemory {
  readonly #learnt = new Map<string, Learnt>();

  /** Null where nothing was learnt, or no longer counts. */
  of(model: string, { now, changed }: Seen): Thinking | null {
    const name = modelName(model);
    const learnt = this.#learnt.get(name);
    if (learnt === undefined) return null;
    const isOther = changed !== null && learnt.changed !== null && changed !== learnt.changed;
    if (!isOther && now - learnt.at < keptMs) return learnt.thinking;
    this.#learnt.delete(name);
    return null;
  }

  learn(model: string, thinking: Thinking, { now, changed }: Seen): void {
    this.#learnt.set(modelName(model), { thinking, at: now, changed });
  }
}

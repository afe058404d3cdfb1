import { setTimeout as sleep } from "node:timers/promises";

/** A model as `ollama list` knows it, and what it can do. */
export interface OllamaModel {
  readonly name: string;
  readonly can: readonly ("tools" | "thinking" | "vision")[];
  /** The window that it was trained for. */
  readonly window?: number;
}

type Body = Readonly<Record<string, unknown>>;

const createdAt = "2026-11-01T12:00:00.000000001Z";

/** The memory and the queue of the machine behind a server: which models are loaded, and with what context. */
export class OllamaMachine {
  readonly models: readonly OllamaModel[];
  readonly #loaded = new Map<string, number>();
  #running = 0;

  constructor(models: readonly OllamaModel[], loaded: readonly string[]) {
    this.models = models;
    for (const name of loaded) this.#loaded.set(name, 4096);
  }

  find(name: string): OllamaModel | undefined {
    return this.models.find((known) => known.name === name || known.name === `${name}:latest`);
  }

  unload(): void {
    this.#loaded.clear();
  }

  /** Loads a model with a context, as the first request for it does; another context loads it anew. */
  async load(model: OllamaModel, context: number, loadMs: number): Promise<void> {
    if (this.#loaded.get(model.name) === context) return;
    await sleep(loadMs);
    this.#loaded.set(model.name, context);
  }

  /** Takes a place in the queue (`OLLAMA_MAX_QUEUE`); false when it is full. */
  enter(places: number): boolean {
    if (this.#running >= places) return false;
    this.#running += 1;
    return true;
  }

  leave(): void {
    this.#running -= 1;
  }

  /** What a path without a body says of the machine; null when nothing is there. */
  document(path: string): Body | null {
    if (path === "/api/version") return { version: "0.40.10" };
    if (path === "/api/tags") return { models: this.models.map(describeModel) };
    return path === "/api/ps" ? this.#ps() : null;
  }

  #ps(): Body {
    const models = this.models.flatMap((model) => {
      const context = this.#loaded.get(model.name);
      if (context === undefined) return [];
      return [{ ...describeModel(model), size_vram: 2_019_393_189, context_length: context }];
    });
    return { models };
  }

  /** The answer of `/api/show`. */
  show({ can, window = 131_072 }: OllamaModel): Body {
    return {
      modified_at: createdAt,
      capabilities: ["completion", ...can],
      model_info: { "general.architecture": "llama", "llama.context_length": window },
    };
  }
}

function describeModel({ name, can }: OllamaModel): Body {
  const details = { format: "gguf", parameter_size: "3.2B", quantization_level: "Q4_K_M" };
  const capabilities = ["completion", ...can];
  return { name, model: name, modified_at: createdAt, size: 2_019_393_189, details, capabilities };
}

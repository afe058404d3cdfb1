import { setTimeout as sleep } from "node:timers/promises";

/** A model as `ollama list` knows it, and what it can do. */
export interface OllamaModel {
  readonly name: string;
  /** `levels`: it may be told how much to think, as gpt-oss; others refuse that. */
  readonly can: readonly ("tools" | "thinking" | "vision" | "levels")[];
  /** The window that it was trained for. */
  readonly window?: number;
  /** What its Modelfile sets as `PARAMETER num_ctx`. */
  readonly numCtx?: number;
}

/** How a machine takes loads: how long one lasts, and how many requests may wait for one (`OLLAMA_MAX_QUEUE`). */
export interface Loading {
  readonly loadMs: number;
  readonly places: number;
}

type Body = Readonly<Record<string, unknown>>;

const createdAt = "2026-11-01T12:00:00.000000001Z";

/** The memory and the queue of the machine behind a server: which models are loaded, and with what context. */
export class OllamaMachine {
  readonly models: readonly OllamaModel[];
  readonly #loaded = new Map<string, number>();
  #waiting = 0;
  #loads = 0;

  constructor(models: readonly OllamaModel[], loaded: readonly string[]) {
    this.models = models;
    for (const name of loaded) this.#loaded.set(name, 4096);
  }

  /** How often a model was brought into memory. */
  get loads(): number {
    return this.#loads;
  }

  /** By any of its names, whatever the case of their letters. */
  find(name: string): OllamaModel | undefined {
    const asked = shortName(name);
    return this.models.find((known) => shortName(known.name) === asked);
  }

  unload(name?: string): void {
    if (name === undefined) this.#loaded.clear();
    else this.#loaded.delete(name);
  }

  /**
   * Loads a model with a context, as the first request for it does; another context loads it anew.
   * False when too many wait for a load: those who need none are never sent away, however many.
   */
  async load(model: OllamaModel, context: number, { loadMs, places }: Loading): Promise<boolean> {
    if (this.#loaded.get(model.name) === context) return true;
    if (this.#waiting >= places) return false;
    this.#waiting += 1;
    await sleep(loadMs);
    this.#waiting -= 1;
    this.#loads += 1;
    this.#loaded.set(model.name, context);
    return true;
  }

  /** What a path without a body says of the machine; null when nothing is there. */
  document(path: string): Body | null {
    if (path === "/api/version") return { version: "0.17.4" };
    if (path === "/api/tags") return { models: this.models.map(describeModel) };
    return path === "/api/ps" ? this.#ps() : null;
  }

  #ps(): Body {
    const models = this.models.flatMap((model) => {
      const context = this.#loaded.get(model.name);
      if (context === undefined) return [];
      const { modified_at: _changed, ...described } = describeModel(model);
      const context_length = Math.min(context, windowOf(model));
      return [{ ...described, expires_at: createdAt, size_vram: 0, context_length }];
    });
    return { models };
  }

  /** The answer of `/api/show`. */
  show(model: OllamaModel): Body {
    const { can, numCtx } = model;
    return {
      modified_at: createdAt,
      details,
      capabilities: ["completion", ...can.filter((ability) => ability !== "levels")],
      model_info: { "general.architecture": "llama", "llama.context_length": windowOf(model) },
      ...(numCtx !== undefined && {
        parameters: `${"num_ctx".padEnd(30)} ${numCtx}\nstop                           "<|im_end|>"`,
      }),
    };
  }
}

function windowOf({ window = 131_072 }: OllamaModel): number {
  return window;
}

function shortName(name: string): string {
  const [, short = ""] =
    /^(?:registry\.ollama\.ai\/)?(?:library\/)?(.*?)(?::latest)?$/i.exec(name) ?? [];
  return short.toLowerCase();
}

const details = {
  parent_model: "",
  format: "gguf",
  family: "llama",
  families: ["llama"],
  parameter_size: "3.2B",
  quantization_level: "Q4_K_M",
};

function describeModel({ name }: OllamaModel) {
  const size = 2_019_393_189;
  return { name, model: name, modified_at: createdAt, size, digest: "a80c4f17acd5", details };
}

import type { ActiveConfig, Compiled } from "./compile.ts";

/** Stored in place of a config: from this version on the bundled file counts again. */
export const bundledMark = null;

/** The config that an isolate serves by, and how it takes over a newer one. */
export class ConfigHolder {
  readonly #compile: (raw: unknown) => Compiled;
  readonly #onRefused: (version: number, reason: string) => void;
  readonly #onChange: (config: ActiveConfig) => void;
  readonly #bundled: ActiveConfig;
  #active: ActiveConfig;
  #version = 0;

  constructor(edges: {
    bundled: ActiveConfig;
    compile: (raw: unknown) => Compiled;
    onRefused: (version: number, reason: string) => void;
    onChange: (config: ActiveConfig) => void;
  }) {
    this.#bundled = edges.bundled;
    this.#active = edges.bundled;
    this.#compile = edges.compile;
    this.#onRefused = edges.onRefused;
    this.#onChange = edges.onChange;
    this.#onChange(this.#active);
  }

  get active(): ActiveConfig {
    return this.#active;
  }

  /** The version in force; 0 is the bundled config, before any other was stored. */
  get version(): number {
    return this.#version;
  }

  /**
   * Takes a stored version into use; `text` is null where there is no news. One that this build
   * cannot read leaves the old one in force. Versions only rise: an answer that was on its way while
   * a newer config arrived changes nothing.
   */
  adopt(version: number, text: string | null): void {
    if (version <= this.#version || text === null) return;
    // Remembered even when it is refused: it would be refused again on every sync.
    this.#version = version;
    const raw = parse(text);
    if (raw === bundledMark) {
      this.#use(this.#bundled);
      return;
    }
    const compiled = this.#compile(raw);
    if (compiled.ok) {
      this.#use(compiled.config);
    } else {
      const [issue] = compiled.issues;
      this.#onRefused(version, issue === undefined ? "" : `${issue.path}: ${issue.reason}`);
    }
  }

  #use(config: ActiveConfig): void {
    this.#active = config;
    this.#onChange(config);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

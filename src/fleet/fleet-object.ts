import { DurableObject } from "cloudflare:workers";

/** What an isolate knows already. */
export interface FleetQuestion {
  readonly configVersion: number;
}

export interface FleetAnswer {
  readonly configVersion: number;
  /** The config's text when it is newer than what the isolate has; else null. */
  readonly config: string | null;
}

/** The newest stored config; version 0 means that none was ever put. */
export interface StoredConfig {
  readonly version: number;
  readonly config: string | null;
}

/** How long the object trusts its memory before it asks the database again. */
const rereadAfterMs = 30_000;

/**
 * What the isolates of a deployment share. Its memory is a cache: after an eviction it is read
 * again from the database, which holds the truth.
 */
export class Fleet extends DurableObject<Env> {
  #stored: StoredConfig | null = null;
  #readAt = 0;

  /** Gives an isolate what has changed since it last asked. */
  async sync(question: FleetQuestion): Promise<FleetAnswer> {
    const { version, config } = await this.#newest();
    const isNews = version !== question.configVersion;
    return { configVersion: version, config: isNews ? config : null };
  }

  /** Told by whoever has put a config, so that the next sync of every isolate carries it. */
  async configChanged(): Promise<void> {
    this.#stored = null;
  }

  async #newest(): Promise<StoredConfig> {
    const now = Date.now();
    if (this.#stored === null || now - this.#readAt > rereadAfterMs) {
      this.#stored = await readNewestConfig(this.env.DB);
      this.#readAt = now;
    }
    return this.#stored;
  }
}

async function readNewestConfig(db: D1Database): Promise<StoredConfig> {
  const row = await db
    .prepare("select version, config from config_versions order by version desc limit 1")
    .first<{ version: number; config: string }>();
  return row ?? { version: 0, config: null };
}

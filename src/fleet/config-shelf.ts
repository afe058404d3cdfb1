import type { ConfigNews } from "./messages.ts";

/** How long the object trusts its memory before it asks the database again. */
const rereadAfterMs = 30_000;
/** A database that is down is left alone for this long. */
const retryAfterMs = 5_000;
/** Circuits must not wait for a database that hangs. */
const readsWithinMs = 1_000;

/** The newest stored config; version 0 means that none was ever put. */
interface StoredConfig {
  readonly version: number;
  readonly config: string | null;
}

/** The newest config out of the database, as the fleet's object keeps it at hand. */
export class ConfigShelf {
  readonly #db: D1Database;
  readonly #later: (work: Promise<unknown>) => void;
  #stored: StoredConfig | null = null;
  /** An object's requests share its context, so here a promise may be shared. */
  #reading: Promise<void> | null = null;
  #readAgainAt = 0;
  /** What was read before the last change is not kept. */
  #changes = 0;

  constructor(db: D1Database, later: (work: Promise<unknown>) => void) {
    this.#db = db;
    this.#later = later;
  }

  /** What an isolate with this version lacks. With the database down: nothing, it keeps what it has. */
  async newsFor(configVersion: number, now: number): Promise<ConfigNews> {
    if (now >= this.#readAgainAt && this.#reading === null) {
      this.#reading = this.#read(now);
      this.#later(this.#reading);
    }
    if (this.#stored === null && this.#reading !== null) {
      await Promise.race([this.#reading, scheduler.wait(readsWithinMs)]);
    }
    if (this.#stored === null) return { configVersion, config: null };
    const { version, config } = this.#stored;
    return { configVersion: version, config: version === configVersion ? null : config };
  }

  forget(): void {
    this.#stored = null;
    this.#reading = null;
    this.#readAgainAt = 0;
    this.#changes += 1;
  }

  async #read(now: number): Promise<void> {
    const changes = this.#changes;
    let stored: StoredConfig | null = null;
    try {
      stored = await readNewestConfig(this.#db);
    } catch {
      // The database is down: isolates serve by what they have, and circuits are shared all the same.
    }
    if (changes !== this.#changes) return;
    this.#reading = null;
    this.#stored = stored ?? this.#stored;
    this.#readAgainAt = now + (stored === null ? retryAfterMs : rereadAfterMs);
  }
}

async function readNewestConfig(db: D1Database): Promise<StoredConfig> {
  const row = await db
    .prepare("select version, config from config_versions order by version desc limit 1")
    .first<{ version: number; config: string }>();
  return row ?? { version: 0, config: null };
}

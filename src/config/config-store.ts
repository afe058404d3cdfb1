import { desc, eq } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import { configVersions } from "../ledger/schema.ts";

export interface ConfigVersion {
  readonly version: number;
  readonly at: number;
}

/** Stores a config as the newest version and gives its number. */
export async function putConfig(
  db: DrizzleD1Database,
  config: unknown,
  at: number,
): Promise<number> {
  const [row] = await db
    .insert(configVersions)
    .values({ at, config: JSON.stringify(config) })
    .returning({ version: configVersions.version });
  if (row === undefined) throw new Error("the database gave no version for a stored config");
  return row.version;
}

/** Every version that was ever put, the newest first. */
export async function listConfigVersions(db: DrizzleD1Database): Promise<ConfigVersion[]> {
  return db
    .select({ version: configVersions.version, at: configVersions.at })
    .from(configVersions)
    .orderBy(desc(configVersions.version))
    .limit(100);
}

/** The text of one version; null when there is none by that number. */
export async function readConfigVersion(
  db: DrizzleD1Database,
  version: number,
): Promise<string | null> {
  const [row] = await db
    .select({ config: configVersions.config })
    .from(configVersions)
    .where(eq(configVersions.version, version));
  return row?.config ?? null;
}

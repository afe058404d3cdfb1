import { getTableColumns, sql, type SQL } from "drizzle-orm";
import type { SQLiteTable } from "drizzle-orm/sqlite-core";

/** A SELECT of the table's columns, in its order, out of the rows' fields. */
export function rowsFrom(table: SQLiteTable, rows: readonly Record<string, unknown>[]): SQL {
  const fields = Object.keys(getTableColumns(table));
  const values = fields.map((field) => sql.raw(`value->>'$.${field}'`));
  // Without a WHERE, SQLite takes ON CONFLICT for the ON of a join.
  return sql`select ${sql.join(values, sql`, `)} from json_each(${JSON.stringify(rows)}) where true`;
}

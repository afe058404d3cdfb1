import { getTableColumns, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { SQLiteColumn, SQLiteTable } from "drizzle-orm/sqlite-core";

/** What each column of a table holds of a row. */
export type ColumnValues<Table extends SQLiteTable, Row> = Readonly<
  Record<keyof Table["$inferSelect"], (row: Row) => unknown>
>;

/** Makes the statement that writes rows of one table; a row that is there already stays as it is. */
export type RowWriter<Row> = (rows: readonly Row[]) => D1PreparedStatement;

/**
 * The statement's text is built once. The rows travel as one JSON parameter, as D1 takes at most
 * 100 parameters a statement; each is an array in the order of the columns.
 */
export function rowWriter<Table extends SQLiteTable, Row>(
  client: D1Database,
  table: Table,
  values: ColumnValues<Table, Row>,
): RowWriter<Row> {
  const columns: [string, SQLiteColumn][] = Object.entries(getTableColumns(table));
  const byName = new Map<string, (row: Row) => unknown>(Object.entries(values));
  const readers = columns.flatMap(([name]) => byName.get(name) ?? []);
  const fields = columns.map(([, column], place) =>
    // What is JSON in the table stays JSON; all else becomes a value.
    sql.raw(`value${column.dataType === "json" ? "->" : "->>"}${place}`),
  );
  // Without a WHERE, SQLite takes ON CONFLICT for the ON of a join.
  const rows = sql`select ${sql.join(fields, sql`, `)} from json_each(${"[]"}) where true`;
  const insert = drizzle(client).insert(table).select(rows).onConflictDoNothing();
  const text = insert.toSQL().sql;
  return (written) => {
    const json = JSON.stringify(written.map((row) => readers.map((read) => read(row))));
    return client.prepare(text).bind(json);
  };
}

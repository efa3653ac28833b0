/** A value that is bound to a statement. */
export type Value = string | number | boolean | null | readonly string[];
/** A row by column name. */
export type Row = Record<string, unknown>;

/** A statement, and what is bound to its `$1`, `$2`, …. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
  /** Where its text, or its best plan, depends on what is asked for; any other is parsed and planned but a few times. */
  readonly planned?: 'each time';
}

/** A statement that takes no values. */
export function plain(sql: string): Statement {
  return { sql, values: [] };
}

const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id as a uuid takes it; what is none is the id of nothing. */
export function uuid(id: string): string | null {
  return uuidForm.test(id) ? id : null;
}

/** Values as the parameter of `json_to_recordset` or `json_populate_recordset`. */
export function rowsOf(values: readonly object[]): string {
  return JSON.stringify(values);
}

/** Rows by what a column has, in their order. */
export function groupRows(rows: readonly Row[], column: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row[column]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

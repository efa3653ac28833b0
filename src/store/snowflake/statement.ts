/** A bound value. A Date is not one: the driver would send it as a VARIANT. */
export type Value = string | number | boolean | null;
/** A row by column name, in upper case. */
export type Row = Readonly<Record<string, unknown>>;

/** A statement with a `?` for each of its values. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

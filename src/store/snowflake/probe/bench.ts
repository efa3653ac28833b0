import type { Link } from '../driver.js';
import type { Statement } from '../statement.js';
import { classify } from '../failure.js';
import type { TableKind } from '../options.js';

/** What an experiment works with: a schema of its own, with the service's tables and one for experiments. */
export interface Bench {
  readonly tables: TableKind;
  /** How long a statement is given to run into a lock, in milliseconds. */
  readonly pauseMs: number;
  /** Lends a new session, which is closed afterwards. */
  withLink<T>(use: (link: Link) => Promise<T>): Promise<T>;
}

/** The lines of one part of the report, in Markdown. */
export type Section = readonly string[];

/** The table that experiments use, as the service's are made. */
export const benchTable = (tables: TableKind): string => `
  CREATE ${tables === 'hybrid' ? 'HYBRID ' : ''}TABLE probe_rows (
    id VARCHAR(36) NOT NULL,
    revision NUMBER(38, 0) NOT NULL,
    notes VARCHAR,
    PRIMARY KEY (id)
  )`;

/** Adds a row of that table, at its first revision. */
export const addRow = (id: string): Statement => ({
  sql: 'INSERT INTO probe_rows (id, revision, notes) VALUES (?, 1, NULL)',
  values: [id],
});

/** Changes a row on top of its first revision, as the service changes deployments. */
export const changeRow = (id: string, notes: string): Statement => ({
  sql: 'UPDATE probe_rows SET revision = 2, notes = ? WHERE id = ? AND revision = 1',
  values: [notes, id],
});

/** A statement without values. */
export const plain = (sql: string): Statement => ({ sql, values: [] });

/** One statement as a transaction that is sent as one request. */
export const asRequest = (statement: Statement): Statement[] => [
  plain('BEGIN TRANSACTION'),
  statement,
  plain('COMMIT'),
];

/** What a call came to: its result, or its error. */
export type Outcome<T> = { readonly result: T } | { readonly error: unknown };

/** Never rejects. */
export function outcomeOf<T>(call: Promise<T>): Promise<Outcome<T>> {
  return call.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
}

/** An outcome for a cell of a table: number, SQLSTATE and text of an error, and what the service takes it for. */
export function describe(outcome: Outcome<unknown>): string {
  if ('result' in outcome) return 'no error';
  const { error } = outcome;
  const { code = '-', sqlState = '-' } = error as { code?: string | number; sqlState?: string };
  const text = error instanceof Error ? error.message : String(error);
  return `${code} / ${sqlState} / ${classify(error)}: ${cell(text)}`;
}

/** A text on one line, as a cell of a table takes it. */
export function cell(text: string): string {
  return `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('`', "'")}\``;
}

/** The rows of a table in Markdown. */
export function tableOf(head: readonly string[], rows: readonly (readonly unknown[])[]): Section {
  const line = (cells: readonly unknown[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

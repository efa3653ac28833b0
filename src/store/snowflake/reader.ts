import type { Reads } from '../../domain/reads.js';
import type { Row, Statement } from './statement.js';
import type { TaxonomyKeys } from './taxonomy-keys.js';

/**
 * How a read is asked of Snowflake, and what its rows mean. A `part` is a SELECT of a deployment's columns
 * and one more, `extra`: parts of one slice are sent as one statement, which is one round trip. What has
 * other columns is a `statement` of its own.
 */
export type Question<Result> = (
  { readonly part: Statement } | { readonly statement: Statement }
) & {
  readonly parse: (rows: readonly Row[]) => Result;
};

/** Makes the question of a read, by what is known of where deployments are. */
export type Reader<Name extends keyof Reads> = (
  organisation: string,
  of: Reads[Name]['of'],
  keys: TaxonomyKeys,
) => Question<Reads[Name]['gives']>;

/** Puts parts together; each row says of which part it is. */
export function mergeParts(parts: readonly Statement[]): Statement {
  return {
    sql: parts
      .map(({ sql }, nth) => `SELECT ${nth} AS part, part_${nth}.* FROM (${sql}) AS part_${nth}`)
      .join('\nUNION ALL\n'),
    values: parts.flatMap(({ values }) => values),
  };
}

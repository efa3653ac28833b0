import { maxCounted } from '../../../domain/deployments/reads.js';
import type { Candidate, Running, Scheduled } from '../../../domain/deployments/reads.js';
import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import type { Reader } from '../reader.js';
import { groupRows, rowsOf } from '../statement.js';
import type { Row } from '../statement.js';
import { candidatesOf, runningWithin, toCandidate, toRunning } from './rollback.js';
import { selectedColumnsOf, storedColumns, toStored } from './rows.js';

/** What is asked of each of several taxonomies: walks along an index, as for one. */
const ofEach = (columns: string, rows: string): string => `
  SELECT place.key, ${columns}
  FROM unnest($1::text[]) AS place (key)
  CROSS JOIN LATERAL (${rows}) AS found`;

const isPlace = 'taxonomy_key = place.key';
const stored = selectedColumnsOf('found');

/** What runs in several taxonomies, or ran last. */
export const runningIn: Reader<'runningIn'> = (_source, { keys }) => ({
  statement: {
    sql: ofEach(`${stored}, found.base_deployed_at`, runningWithin(isPlace)),
    values: [keys],
  },
  parse: (rows): Map<string, Running[]> => byKey(rows, toRunning),
});

/** What was deployed last in several taxonomies. */
export const candidatesIn: Reader<'candidatesIn'> = (_source, { keys, limit }) => ({
  statement: {
    sql: ofEach(`${stored}, found.found_bad_at`, candidatesOf(isPlace, '$2')),
    values: [keys, limit],
  },
  parse: (rows): Map<string, Candidate[]> => byKey(rows, toCandidate),
});

/** What is in progress in several taxonomies, the newest first. */
export const inProgressIn: Reader<'inProgressIn'> = (_source, { keys, limit }) => ({
  statement: {
    sql: ofEach(
      stored,
      `
        SELECT ${storedColumns}
        FROM deployments
        WHERE ${isPlace} AND status = 'in_progress'
        ORDER BY created_at DESC, id DESC
        LIMIT $2`,
    ),
    values: [keys, limit],
  },
  parse: (rows): Map<string, StoredDeployment[]> => byKey(rows, toStored),
});

/** What is scheduled in several taxonomies; beside each row, how many are. */
export const scheduledIn: Reader<'scheduledIn'> = (_source, { keys }) => ({
  statement: { sql: ofEach(`${stored}, found.count`, scheduledOf), values: [keys] },
  parse: (rows) =>
    new Map(
      [...groupRows(rows, 'key')].map(([key, some]): [string, Scheduled] => [
        key,
        { count: Number(some[0]?.['count']), ends: some.map(toStored) },
      ]),
    ),
});

const endOf = (order: string): string => `
  SELECT id
  FROM deployments
  WHERE ${isPlace} AND status = 'scheduled'
  ORDER BY ${order}
  LIMIT 1`;

const scheduledOf = `
  WITH newest AS MATERIALIZED (
    SELECT id, trigger, created_at
    FROM deployments
    WHERE ${isPlace} AND status = 'scheduled'
    ORDER BY created_at DESC, id DESC
    LIMIT ${maxCounted}
  )
  SELECT ${storedColumns}, (SELECT count(*) FROM newest) AS count
  FROM deployments
  WHERE id IN (
    (${endOf('created_at DESC, id DESC')})
    UNION
    (${endOf('created_at, id')})
    UNION
    (SELECT id FROM newest WHERE trigger = 'rollback' ORDER BY created_at, id LIMIT 1)
  )`;

/** Which of some versions have ever been deployed in their taxonomies. */
export const everDeployed: Reader<'everDeployed'> = (_source, { versions }) => ({
  statement: {
    sql: `
      SELECT asked.key, asked.version
      FROM json_to_recordset($1) AS asked (key text, version text)
      WHERE EXISTS (
        SELECT 1
        FROM deployments
        WHERE taxonomy_key = asked.key AND deployments.version = asked.version
          AND deployed_at IS NOT NULL
      )`,
    values: [rowsOf(versions)],
  },
  parse: (rows) =>
    rows.map((row) => ({ key: String(row['key']), version: String(row['version']) })),
});

/** Results by the key of their taxonomy, in their order. */
function byKey<Result>(rows: readonly Row[], parse: (row: Row) => Result): Map<string, Result[]> {
  return new Map([...groupRows(rows, 'key')].map(([key, some]) => [key, some.map(parse)]));
}

import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { maxCounted } from '../../../domain/deployments/reads.js';
import type {
  Candidate,
  Running,
  Scheduled,
  TaxonomyVersion,
} from '../../../domain/deployments/reads.js';
import type { Source } from '../source.js';
import { find, finding, findStored } from './find.js';
import { openInTaxonomy } from './indexes.js';
import type { Of } from './read.js';
import { readCandidates, readRunning } from './rollback.js';

/** What runs in several taxonomies, or ran last. */
export function readRunningIn(source: Source, { keys }: Of<'runningIn'>): Map<string, Running[]> {
  return byKey(keys, (key) => readRunning(source, { place: { key } }));
}

/** What was deployed last in several taxonomies. */
export function readCandidatesIn(
  source: Source,
  { keys, limit }: Of<'candidatesIn'>,
): Map<string, Candidate[]> {
  return byKey(keys, (key) => readCandidates(source, { place: { key }, otherThan: [], limit }));
}

/** What is in progress in several taxonomies, the newest first. */
export function readInProgressIn(
  source: Source,
  { keys, limit }: Of<'inProgressIn'>,
): Map<string, StoredDeployment[]> {
  return byKey(keys, (key) => findStored(source, inProgressIn, [key, limit]));
}

const inProgressIn = finding(
  (columns) => `
  SELECT ${columns}
  FROM deployments INDEXED BY deployments_by_taxonomy
  WHERE taxonomy_key = ? AND status = 'in_progress' AND ${openInTaxonomy}
  ORDER BY created_at DESC, id DESC
  LIMIT ? + 0`,
);

/** What is scheduled in several taxonomies. */
export function readScheduledIn(
  source: Source,
  { keys }: Of<'scheduledIn'>,
): Map<string, Scheduled> {
  return byKey(keys, (key) => {
    const found = [...find(source, scheduledIn, [key])];
    return {
      count: Number(found[0]?.row['count'] ?? 0),
      ends: found.map(({ stored }) => stored),
    };
  });
}

const endOf = (order: string): string => `
      SELECT id
      FROM deployments INDEXED BY deployments_by_taxonomy
      WHERE taxonomy_key = ?1 AND status = 'scheduled' AND ${openInTaxonomy}
      ORDER BY ${order}
      LIMIT 1`;

const scheduledIn = finding(
  (columns) => `
  WITH found AS MATERIALIZED (
    SELECT id, trigger, created_at
    FROM deployments INDEXED BY deployments_by_taxonomy
    WHERE taxonomy_key = ?1 AND status = 'scheduled' AND ${openInTaxonomy}
    ORDER BY created_at DESC, id DESC
    LIMIT ${maxCounted}
  )
  SELECT ${columns}, (SELECT count(*) FROM found) AS count
  FROM deployments
  WHERE id IN (
    SELECT * FROM (${endOf('created_at DESC, id DESC')})
    UNION ALL
    SELECT * FROM (${endOf('created_at, id')})
    UNION ALL
    SELECT * FROM (SELECT id FROM found WHERE trigger = 'rollback' ORDER BY created_at, id LIMIT 1)
  )`,
);

/** Which of some versions have ever been deployed in their taxonomies. */
export function readEverDeployed(
  { database }: Source,
  { versions }: Of<'everDeployed'>,
): TaxonomyVersion[] {
  const statement = database.prepare(everDeployed);
  return versions.filter(({ key, version }) => statement.get(key, version) !== undefined);
}

const everDeployed = `
  SELECT 1
  FROM deployments INDEXED BY deployments_of_version
  WHERE taxonomy_key = ? AND version = ? AND deployed_at IS NOT NULL
  LIMIT 1`;

function byKey<Result>(
  keys: readonly string[],
  read: (key: string) => Result,
): Map<string, Result> {
  return new Map(keys.map((key) => [key, read(key)]));
}

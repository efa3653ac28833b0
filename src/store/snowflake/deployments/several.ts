import type { StoredDeployment } from '../../../domain/deployments/deployment.js';
import { maxCounted } from '../../../domain/deployments/reads.js';
import type { Scheduled } from '../../../domain/deployments/reads.js';
import { taxonomyKey } from '../../../domain/deployments/taxonomy.js';
import { groupBy } from '../../../domain/group-by.js';
import type { Reader } from '../reader.js';
import type { Row } from '../statement.js';
import { instantText, places, text } from '../values.js';
import { newestFirst } from './read.js';
import { compareDeployed, runningWithin, toCandidate, toRunning } from './rollback.js';
import { storedColumns, storedColumnsOf, toStored } from './rows.js';

const columns = storedColumns.join(', ');

/** What runs in several taxonomies, or ran last. */
export const runningIn: Reader<'runningIn'> = (_organisation, { keys }) => ({
  part: { sql: runningWithin(`taxonomy_key IN ${places(keys.length)}`), values: keys },
  parse: (rows) => byKey(rows.map(toRunning), ({ stored }) => stored),
});

/** What was deployed last in several taxonomies. */
export const candidatesIn: Reader<'candidatesIn'> = (_organisation, { keys, limit }) => {
  const those = `taxonomy_key IN ${places(keys.length)}`;
  return {
    part: {
      sql: `
    SELECT ${storedColumnsOf('candidate')}, ${instantText('bad.deployed_at')} AS extra
    FROM (
      SELECT ${columns}, taxonomy_key
      FROM deployments
      WHERE ${those} AND status = 'deployed'
      QUALIFY ROW_NUMBER() OVER (
        PARTITION BY taxonomy_key ORDER BY deployed_at DESC, created_at DESC, id DESC
      ) <= ?
    ) AS candidate
    LEFT JOIN (
      SELECT taxonomy_key, version, MAX(deployed_at) AS deployed_at
      FROM rolled_back
      WHERE ${those}
      GROUP BY taxonomy_key, version
    ) AS bad ON bad.taxonomy_key = candidate.taxonomy_key AND bad.version = candidate.version`,
      values: [...keys, limit, ...keys],
    },
    parse: (rows) =>
      byKey(
        rows.map(toCandidate).sort((a, b) => compareDeployed(b, a)),
        ({ stored }) => stored,
      ),
  };
};

/** What is in progress in several taxonomies, the newest first. */
export const inProgressIn: Reader<'inProgressIn'> = (_organisation, { keys, limit }) => ({
  part: {
    sql: `
    SELECT ${columns}, NULL AS extra
    FROM deployments
    WHERE taxonomy_key IN ${places(keys.length)} AND status = 'in_progress'
    QUALIFY ROW_NUMBER() OVER (PARTITION BY taxonomy_key ORDER BY created_at DESC, id DESC) <= ?`,
    values: [...keys, limit],
  },
  parse: (rows) => byKey(newestFirst(rows), (stored) => stored),
});

/** What is scheduled in several taxonomies; beside each row, how many are. */
export const scheduledIn: Reader<'scheduledIn'> = (_organisation, { keys }) => ({
  part: {
    sql: `
    SELECT ${columns}, scheduled::VARCHAR AS extra
    FROM (
      SELECT ${columns}, taxonomy_key,
             COUNT(*) OVER (PARTITION BY taxonomy_key) AS scheduled,
             ROW_NUMBER() OVER (PARTITION BY taxonomy_key ORDER BY created_at DESC, id DESC) AS nth
      FROM deployments
      WHERE taxonomy_key IN ${places(keys.length)} AND status = 'scheduled'
    ) AS waiting
    QUALIFY nth = 1
      OR nth = scheduled
      OR nth = MAX(CASE WHEN trigger_kind = 'rollback' AND nth <= ${maxCounted} THEN nth END)
               OVER (PARTITION BY taxonomy_key)`,
    values: keys,
  },
  parse: (rows) => {
    const found = new Map<string, Scheduled>();
    for (const [key, some] of byKey(rows.map(withCount), ({ stored }) => stored)) {
      const count = Math.min(maxCounted, ...some.map((each) => each.count));
      found.set(key, { count, ends: some.map(({ stored }) => stored) });
    }
    return found;
  },
});

function withCount(row: Row): { readonly stored: StoredDeployment; readonly count: number } {
  return { stored: toStored(row), count: Number(text(row, 'EXTRA')) };
}

/** Which of some versions have ever been deployed in their taxonomies. */
export const everDeployed: Reader<'everDeployed'> = (_organisation, { versions: asked }) => {
  const keys = [...new Set(asked.map(({ key }) => key))];
  const versions = [...new Set(asked.map(({ version }) => version))];
  return {
    statement: {
      sql: `
    SELECT DISTINCT taxonomy_key AS taxonomy_key, version AS version
    FROM deployments
    WHERE taxonomy_key IN ${places(keys.length)}
      AND version IN ${places(versions.length)}
      AND deployed_at IS NOT NULL`,
      values: [...keys, ...versions],
    },
    parse: (rows) => {
      const found = new Set(
        rows.map((row) => `${text(row, 'TAXONOMY_KEY')} ${text(row, 'VERSION')}`),
      );
      return asked.filter(({ key, version }) => found.has(`${key} ${version}`));
    },
  };
};

/** Results by the key of their taxonomy, in their order. */
function byKey<Result>(
  results: readonly Result[],
  storedOf: (result: Result) => StoredDeployment,
): Map<string, Result[]> {
  return groupBy(results, (result) => taxonomyKey(storedOf(result).deployment));
}

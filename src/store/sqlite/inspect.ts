import { StartupError } from '../../platform/startup-error.js';
import type { Database } from './database.js';

/** What is needed to look into a file. */
type Readable = Pick<Database, 'prepare'>;

/** Up to this many bytes a file is checked at each start; one gigabyte takes seconds. */
const checkedAtStart = 256 * 1024 * 1024;

/**
 * Looks for damage before anything is served, in a file of a size that this takes no time for.
 *
 * @throws StartupError when the file is damaged
 */
export function checkSoundness(database: Readable, path: string): void {
  const bytes = pragma(database, 'page_count') * pragma(database, 'page_size');
  const damage = bytes > checkedAtStart ? undefined : findDamage(database, 'quick_check');
  if (damage === undefined) return;
  throw new StartupError(
    `Cannot open the store ${path}: it is damaged (${damage}): put a backup in its place ` +
      '(docs/OPERATIONS.md)',
  );
}

/**
 * Reads the whole file, https://sqlite.org/pragma.html#pragma_integrity_check.
 *
 * @param check the full one compares indexes with their tables, too
 * @returns the first fault in words, if there is one
 */
export function findDamage(
  database: Readable,
  check: 'quick_check' | 'integrity_check',
): string | undefined {
  const answer = String(database.prepare(`PRAGMA ${check}(1)`).get()?.[check]);
  return answer === 'ok' ? undefined : answer.replaceAll('\n', ' ');
}

/** The newest schema file that was applied; `undefined` when the file is not this service's. */
export function schemaVersion(database: Readable): number | undefined {
  const table = database
    .prepare("SELECT 1 AS found FROM sqlite_schema WHERE name = 'schema_migrations'")
    .get();
  if (table === undefined) return undefined;
  const newest = database.prepare('SELECT max(version) AS newest FROM schema_migrations').get();
  return Number(newest?.['newest'] ?? 0);
}

/** How many deployments a file holds. */
export function countDeployments(database: Readable): number {
  return Number(database.prepare('SELECT count(*) AS count FROM deployments').get()?.['count']);
}

function pragma(database: Readable, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

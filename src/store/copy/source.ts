import { existsSync } from 'node:fs';
import { StartupError } from '../../platform/startup-error.js';
import type { OpenFile, Row, Statement } from '../sqlite/database.js';
import { BackupRefused } from '../sqlite/backup.js';
import { hold } from '../sqlite/hold.js';
import { findDamage, schemaVersion } from '../sqlite/inspect.js';
import { newestVersion, schemaFolder } from '../sqlite/migrate.js';
import type { CopiedTable } from './tables.js';

/** Keeps a copy from being made; the message says why, and what to do. */
export class CopyRefused extends StartupError {}

/**
 * Opens a SQLite file to be copied, and keeps every service away from it until it is closed.
 *
 * @throws CopyRefused or BackupRefused when it is in use, damaged, or not of the present schema
 */
export function openSource(path: string): OpenFile {
  if (!existsSync(path)) throw new CopyRefused(`There is no database at ${path}`);
  const file = holdSound(path);
  try {
    const damage = findDamage(file, 'quick_check');
    if (damage !== undefined) throw damaged(path, damage);
    requirePresentSchema(file, path);
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

function holdSound(path: string): OpenFile {
  let file: OpenFile | undefined;
  try {
    file = hold(path);
  } catch (error) {
    if (error instanceof BackupRefused || !(error instanceof Error)) throw error;
    throw new CopyRefused(`Cannot open ${path}: ${error.message}`, { cause: error });
  }
  if (file === undefined) throw damaged(path, 'not what SQLite writes');
  return file;
}

function damaged(path: string, damage: string): CopyRefused {
  return new CopyRefused(
    `${path} is damaged (${damage}): copy a backup of it (docs/OPERATIONS.md)`,
  );
}

function requirePresentSchema(file: OpenFile, path: string): void {
  const version = schemaVersion(file);
  const known = newestVersion(schemaFolder);
  if (version === known) return;
  if (version === undefined) {
    throw new CopyRefused(`${path} is a database, but not one of this service`);
  }
  throw new CopyRefused(
    `${path} has schema version ${version}, and this version of the service copies ${known}: ` +
      (version > known
        ? 'use a newer one'
        : 'start this version of the service on it once, which brings it up to date, and stop it'),
  );
}

/**
 * The rows of a table in the order of its key, each with these columns, so many at a time.
 *
 * Each time is a statement of its own, from where the one before has stopped: nothing is open in between.
 */
export function* sourceRows(
  file: OpenFile,
  { name, key, constants = {} }: CopiedTable,
  columns: readonly string[],
  atOnce: number,
): Generator<Row[]> {
  const own = key.filter((column) => !(column in constants));
  const keys = own.join(', ');
  const selected = columns.map((column) =>
    column in constants ? `${constants[column]} AS ${column}` : column,
  );
  const rowsAfter = (condition: string): Statement =>
    file.prepare(
      `SELECT ${selected.join(', ')} FROM ${name} ${condition} ORDER BY ${keys} LIMIT ${atOnce}`,
    );
  const next = rowsAfter(`WHERE (${keys}) > (${own.map(() => '?').join(', ')})`);
  let rows = rowsAfter('').all();
  for (;;) {
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    rows = next.all(...own.map((column) => last[column] ?? null));
  }
}

/** The fence that was given out last. */
export function lastFence(file: OpenFile): number {
  return Number(file.prepare('SELECT last FROM fences').get()?.['last']);
}

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openFile } from './database.js';
import { countDeployments, findDamage, schemaVersion } from './inspect.js';
import { newestVersion, schemaFolder } from './migrate.js';
import { createPrivateFile } from './permissions.js';

/** What a backup holds. */
export interface Contents {
  readonly deployments: number;
  readonly schemaVersion: number;
}

/** Keeps a backup from being made or put back; the message says why, and what to do. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

/**
 * Copies a database into a new file while services go on to read and write it.
 *
 * `VACUUM INTO` (https://sqlite.org/lang_vacuum.html#vacuuminto) reads one state of the data, the
 * latest when it starts, and writes it without gaps. Nobody else can read the file, and it has its name only
 * once it is whole, was checked, and is on the disk.
 *
 * @param source path of the SQLite file
 * @param target path of the file to make
 * @throws BackupRefused, or an error of SQLite or of the file system
 */
export function backUp(source: string, target: string): Contents {
  if (!existsSync(source)) throw new BackupRefused(`There is no database at ${source}`);
  refuseExisting(target);
  const partial = `${target}.partial-${process.pid}`;
  try {
    createPrivateFile(partial);
    const database = openFile(source);
    try {
      // Not prepared, as the binding would keep the file open for it.
      database.exec(`VACUUM INTO '${partial.replaceAll("'", "''")}'`);
    } finally {
      database.close();
    }
    const contents = verifyCopy(partial, source);
    flush(partial);
    refuseExisting(target);
    renameSync(partial, target);
    flush(dirname(resolve(target)));
    return contents;
  } finally {
    for (const suffix of ['', '-journal']) rmSync(`${partial}${suffix}`, { force: true });
  }
}

/**
 * Checks that a file is a whole database of the service, of a schema that this version knows.
 *
 * @param path of a copy that nobody else has
 * @param name what messages call it
 * @throws BackupRefused when it is not
 */
export function verifyCopy(path: string, name: string): Contents {
  try {
    return inspect(path, name);
  } catch (error) {
    if (error instanceof BackupRefused || !(error instanceof Error)) throw error;
    throw new BackupRefused(`${name} is no sound database: ${error.message}`, { cause: error });
  }
}

function inspect(path: string, name: string): Contents {
  const database = openFile(path);
  try {
    // One file, without a log of its own beside it, whatever it was before.
    database.exec('PRAGMA journal_mode = DELETE');
    const damage = findDamage(database, 'integrity_check');
    if (damage !== undefined) throw new BackupRefused(`${name} is damaged: ${damage}`);
    const version = schemaVersion(database);
    if (version === undefined) {
      throw new BackupRefused(`${name} is a database, but not one of this service`);
    }
    const known = newestVersion(schemaFolder);
    if (version > known) {
      throw new BackupRefused(
        `${name} has schema version ${version}, which this version of the service does not know ` +
          `(it knows ${known}); use a newer one`,
      );
    }
    return { deployments: countDeployments(database), schemaVersion: version };
  } finally {
    database.close();
  }
}

/** Waits until a file, or the names in a folder, are on the disk. */
export function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function refuseExisting(target: string): void {
  if (!existsSync(target)) return;
  throw new BackupRefused(`${target} exists and is left as it is; name a new file`);
}

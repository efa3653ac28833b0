import { BackupRefused } from './backup.js';
import { openFile } from './database.js';
import type { OpenFile } from './database.js';
import { code, errorCode, meansDamage } from './failure.js';

/**
 * Locks a database until its file is closed, so that no service can start on it.
 *
 * @returns `undefined` when it is damaged, so that nobody can say whether a service uses it
 * @throws BackupRefused when a service uses the file
 */
export function hold(path: string): OpenFile | undefined {
  let file: OpenFile | undefined;
  try {
    file = openFile(path);
    // Every service holds a shared lock while it runs, idle or not; this one excludes them all, and is
    // kept until the file is closed. What was answered goes into the file.
    file.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;');
    file.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    return file;
  } catch (error) {
    file?.close();
    if (errorCode(error) === code.busy) {
      throw new BackupRefused(`${path} is in use; stop every service on it first`);
    }
    if (meansDamage(error)) return undefined;
    throw error;
  }
}

import { realpathSync, statSync } from 'node:fs';
import { unavailable } from '../unavailable.js';
import { asApplicationError, meansDamage } from './failure.js';

/** Watches over the file behind a connection. */
export interface FileGuard {
  /**
   * To be called before each commit.
   *
   * @throws ApplicationError `unavailable` when the file is not where it was, or was found damaged
   */
  verify(): void;
  /** Does something with the connection; errors of SQLite come out as refusals. */
  readonly run: <T>(action: () => T) => T;
}

/**
 * Sees what SQLite does not tell.
 *
 * - A file that is deleted or replaced lives on for those who have it open: SQLite would go on to
 *   write into it, and what was answered would be gone with the process. So the files are looked up by
 *   name, and must still be the ones that were opened. That takes three `stat` calls for each commit,
 *   some microseconds beside the wait for the disk.
 * - Damage shows only to those who read the damaged page. Once somebody has, nothing is written any
 *   more: on a damaged tree a write may destroy what could still be saved.
 *
 * Either lasts until the file is back in its place, or the service is started again.
 *
 * @param path of a file that is open
 */
export function guardFile(path: string): FileGuard {
  const opened = new Map<string, string>();
  let damage: Error | undefined;
  const files = filesOf(path);

  const verifyPlace = (file: string): void => {
    const present = identityOf(file);
    const before = opened.get(file);
    if (present !== undefined && before === undefined) opened.set(file, present);
    else if (present !== before || present === undefined) throw unavailable(lost(file, present));
  };
  const [main] = files;
  if (main !== undefined) verifyPlace(main);

  return {
    verify() {
      if (damage !== undefined) throw unavailable(damage);
      for (const file of files) verifyPlace(file);
    },

    run(action) {
      try {
        return action();
      } catch (error) {
        if (meansDamage(error)) damage ??= damaged(path, error);
        throw asApplicationError(error);
      }
    },
  };
}

/** The database and the two beside it; a database in memory has none. */
function filesOf(path: string): string[] {
  if (path === ':memory:') return [];
  // SQLite resolves links before it names the files beside the database.
  const real = realpathSync(path);
  return [path, `${real}-wal`, `${real}-shm`];
}

/** Which file a name stands for: it cannot be given to another while it is open. */
function identityOf(file: string): string | undefined {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

function lost(file: string, present: string | undefined): Error {
  return new Error(
    `${file} was ${present === undefined ? 'deleted' : 'replaced'} while it was open, so nothing is ` +
      'written any more: put it back, or restore a backup and start again (docs/OPERATIONS.md)',
  );
}

function damaged(path: string, cause: unknown): Error {
  return new Error(
    `${path} is damaged, so nothing is written any more: restore a backup and start again ` +
      '(docs/OPERATIONS.md)',
    { cause },
  );
}

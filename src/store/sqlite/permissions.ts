import { closeSync, existsSync, openSync, statSync } from 'node:fs';

/** The mode of files, and of folders, that nobody but the user who made them gets into. */
export const privateFile = 0o600;
export const privateFolder = 0o700;

/**
 * Makes an empty file that nobody else can read, from its first moment and whatever the umask. SQLite takes
 * it for a new database, and gives the files beside it the same mode; by itself it would let all read them.
 *
 * @throws Error of the file system when there is one of that name
 */
export function createPrivateFile(path: string): void {
  closeSync(openSync(path, 'wx', privateFile));
}

/** Of a database and the files beside it, those that others than their owner can get at, with their modes. */
export function findExposed(path: string): readonly { file: string; mode: string }[] {
  return [path, `${path}-wal`, `${path}-shm`].flatMap((file) => {
    const mode = (statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o777;
    return (mode & ~privateFile) === 0 ? [] : [{ file, mode: `0${mode.toString(8)}` }];
  });
}

/** Makes the file of a database that is to be, unless there is one. What keeps it from that, SQLite tells. */
export function prepareFile(path: string): void {
  if (path === ':memory:' || existsSync(path)) return;
  try {
    createPrivateFile(path);
  } catch {
    // Another process was faster, or SQLite cannot make it either.
  }
}

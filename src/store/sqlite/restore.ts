import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BackupRefused, flush, verifyCopy } from './backup.js';
import type { Contents } from './backup.js';
import { hold } from './hold.js';
import { privateFile, privateFolder } from './permissions.js';

/** What was put back. */
export interface Restored extends Contents {
  /** Where the file before is kept, if there was one. */
  readonly aside: string | undefined;
  /** Whether the file before was damaged, so that nobody can say whether a service uses it. */
  readonly damaged: boolean;
}

/**
 * Puts a backup in the place of a database that no service uses.
 *
 * The copy is checked and on the disk before it takes the name, in one step: whenever the machine fails,
 * there is either the file before or the whole backup. The file before is kept beside it. Nobody but its
 * owner can read the new one, whatever the modes of those two.
 *
 * @param backup path of a file made by `backUp`
 * @param target path of the SQLite file
 * @throws BackupRefused, or an error of SQLite or of the file system
 */
export function restore(backup: string, target: string): Restored {
  if (!existsSync(backup)) throw new BackupRefused(`There is no file ${backup}`);
  if (holdsAnything(`${backup}-wal`)) {
    throw new BackupRefused(
      `${backup} has a -wal file beside it, so it is in use or the copy of a file in use; restore ` +
        'what npm run db:backup has made',
    );
  }
  mkdirSync(dirname(target), { recursive: true, mode: privateFolder });
  // A copy begins with the mode of what is copied, so it is made where nobody else gets in.
  const folder = mkdtempSync(`${target}.restoring-`);
  const copy = join(folder, 'copy.db');
  try {
    copyFileSync(backup, copy);
    chmodSync(copy, privateFile);
    const contents = verifyCopy(copy, backup);
    flush(copy);
    const isPresent = existsSync(target);
    const present = isPresent ? hold(target) : undefined;
    try {
      const aside = isPresent ? replace(target, copy) : undefined;
      if (!isPresent) renameSync(copy, target);
      flush(dirname(target));
      return { ...contents, aside, damaged: isPresent && present === undefined };
    } finally {
      present?.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the copy in the place of the target, and returns where the target is now. */
function replace(target: string, copy: string): string {
  const { uid, gid } = statSync(target);
  // Whoever restores may be root, where the service is not.
  if (process.getuid?.() === 0) chownSync(copy, uid, gid);
  const aside = `${target}.replaced-${new Date().toISOString().replaceAll(/[-:.]/g, '')}`;
  linkSync(target, aside);
  // What stands in the log belongs to the file before; SQLite would replay it into the new one.
  if (holdsAnything(`${target}-wal`)) renameSync(`${target}-wal`, `${aside}-wal`);
  for (const suffix of ['-wal', '-shm']) rmSync(`${target}${suffix}`, { force: true });
  renameSync(copy, target);
  return aside;
}

function holdsAnything(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

import { statSync } from 'node:fs';

/** To what the write-ahead log shrinks once it has been carried over, in bytes: twice what it has at most then. */
export const maxLogBytes = 8 * 1024 * 1024;

/** How long after a change the log is looked at, in milliseconds. */
const lookAfterMs = 5_000;

/** Keeps the write-ahead log of a file small. */
export interface LogLimit {
  /** To be called after a change. */
  changed(): void;
  stop(): void;
}

/**
 * SQLite carries the log over into the file as it is written, but not past what a reader looks at, and begins it
 * anew only when nobody reads (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files). So it grows
 * while somebody reads for long, such as a backup, or while readers take turns without a pause, and would stay as
 * large as it was. Some seconds after a change it is looked at, and carried over again and again until it is
 * small.
 *
 * @param path of the file
 * @param carryOver carries over what it can, and truncates the log when that was all; may throw
 */
export function limitLog(
  path: string,
  carryOver: () => void,
  everyMs: number = lookAfterMs,
): LogLimit {
  let timer: NodeJS.Timeout | undefined;

  const isLarge = (): boolean =>
    (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes;

  function look(): void {
    timer = undefined;
    if (!isLarge()) return;
    try {
      carryOver();
    } catch {
      // A writer, or damage: who writes next is told of that.
    }
    if (isLarge()) changed();
  }

  function changed(): void {
    timer ??= setTimeout(look, everyMs).unref();
  }

  return {
    changed,
    stop() {
      clearTimeout(timer);
    },
  };
}

import { statSync } from 'node:fs';

/** To what the write-ahead log shrinks once it has been carried over, in bytes: more than it usually has at most. */
export const maxLogBytes = 16 * 1024 * 1024;

/** From so many pages on, the log is carried over; SQLite does it by itself from as many on unless told otherwise. */
export const carriedPages = 1_000;
/** With so many pages, what is left of it is carried over here, so that the next change begins it anew. */
const endedPages = 2 * carriedPages;
/** From so many pages on, SQLite carries over by itself where it is otherwise done elsewhere. */
export const mostPages = 4 * carriedPages;

/** The write-ahead log of a connection. */
export interface WriteAheadLog {
  /** How many pages it has, and how many of those are in the file as well. */
  pages(): { readonly all: number; readonly carriedOver: number };
  /** Carries over what it can; may throw. */
  carryOver(): void;
  /** The same, and truncates it when that was all; may throw. */
  truncate(): void;
}

/** How a log is kept small. */
export interface LogKeeping {
  /** Carries over what it can while others go on; absent where only this thread can. */
  readonly carryOverElsewhere?: (() => Promise<void>) | undefined;
  /** How long after a change its pages are looked at, in milliseconds. */
  readonly lookAfterMs?: number;
  /** How long after a change its size is looked at, and how long a failure is let rest, in milliseconds. */
  readonly measureAfterMs?: number;
}

/** Keeps the write-ahead log of a file small. */
export interface LogKeeper {
  /** To be called after a change. */
  changed(): void;
  stop(): void;
}

/**
 * SQLite carries the log over into the file within the commit that makes it a thousand pages long: whoever waits for that
 * waits for hundreds of pages, all over the file, to be on the disk. Another connection can do it meanwhile
 * (https://sqlite.org/wal.html#ckpt), but never to the end while changes go on, and the log begins anew only at its end:
 * so the few pages that have come meanwhile are carried over here.
 *
 * It is not carried over past what a reader looks at, and begins anew only when nobody reads
 * (https://sqlite.org/wal.html#avoiding_excessively_large_wal_files). So it grows while somebody reads for long, such as
 * a backup, or while readers take turns without a pause, and would stay as large as it was. Some seconds after a change
 * its size is looked at, and it is carried over again and again until it is small.
 *
 * @param path of the file
 */
export function keepLogSmall(
  path: string,
  log: WriteAheadLog,
  { carryOverElsewhere, lookAfterMs = 20, measureAfterMs = 5_000 }: LogKeeping = {},
): LogKeeper {
  let looking: NodeJS.Timeout | undefined;
  let measuring: NodeJS.Timeout | undefined;
  let isStopped = false;

  const isLarge = (): boolean =>
    (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > maxLogBytes;

  async function look(elsewhere: () => Promise<void>): Promise<void> {
    try {
      const { all, carriedOver } = log.pages();
      if (all - carriedOver >= carriedPages) {
        await elsewhere();
        if (!isStopped && log.pages().all >= endedPages) log.carryOver();
      }
      looking = undefined;
    } catch {
      // SQLite does it by itself later, and who writes next is told of damage, or of a disk that is full.
      if (!isStopped) looking = setTimeout(() => (looking = undefined), measureAfterMs).unref();
    }
  }

  function measure(): void {
    measuring = undefined;
    if (!isLarge()) return;
    try {
      log.truncate();
    } catch {
      // A writer, or damage: who writes next is told of that.
    }
    if (isLarge()) changed();
  }

  function changed(): void {
    measuring ??= setTimeout(measure, measureAfterMs).unref();
    if (carryOverElsewhere === undefined) return;
    looking ??= setTimeout(() => void look(carryOverElsewhere), lookAfterMs).unref();
  }

  return {
    changed,
    stop() {
      isStopped = true;
      clearTimeout(looking);
      clearTimeout(measuring);
    },
  };
}

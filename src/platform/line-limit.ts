import type { Logger } from './logging.js';

/** Writes a line to the log, or leaves it out. */
export type LimitLines = (write: () => void) => void;

/**
 * Lets so many lines a second through, and says at the end of the second how many it left out: those who
 * cause lines must neither fill the disk nor hide what else is in the log.
 */
export function limitLines(log: Pick<Logger, 'warn'>, perSecond: number): LimitLines {
  let written = 0;
  let leftOut = 0;
  let second: NodeJS.Timeout | undefined;

  const endSecond = (): void => {
    if (leftOut > 0) log.warn({ leftOut }, 'more was refused than is logged');
    second = undefined;
    written = 0;
    leftOut = 0;
  };
  return (write) => {
    second ??= setTimeout(endSecond, 1_000).unref();
    if (written < perSecond) write();
    else leftOut += 1;
    written += 1;
  };
}

/** A log of which only so many lines are written. */
export function limitLog(
  log: Pick<Logger, 'warn' | 'error'>,
  limit: LimitLines,
): Pick<Logger, 'warn' | 'error'> {
  return {
    warn(fields, message) {
      limit(() => {
        log.warn(fields, message);
      });
    },
    error(fields, message) {
      limit(() => {
        log.error(fields, message);
      });
    },
  };
}

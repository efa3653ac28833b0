import type { Writable } from 'node:stream';
import { withDeadline } from './deadline.js';

/** Where log lines go. */
export interface LogOutput {
  write(line: string): void;
  /**
   * Writes what is gathered.
   *
   * @returns whether it was taken, or refused, within that many milliseconds
   */
  flush(timeoutMs: number): Promise<boolean>;
}

/** How many bytes of lines are gathered, and for how many milliseconds, before they are written. */
const gather = { bytes: 4096, ms: 100 };

/** How much is held for a reader that takes nothing, in bytes. */
const maxHeldBytes = 4 * 1024 * 1024;

/**
 * Gathers lines and writes them in the background, and at the end of the process. The service owes its callers
 * more than its log: a reader that is gone, that stopped reading, or a full disk, takes lines from the log alone.
 *
 * @param stream which is looked after from then on: an error of it is nobody's but the log's
 * @param lost is told how many lines were lost, once there is room again
 */
export function gatherLines(stream: Writable, lost: (lines: number) => void): LogOutput {
  let lines: string[] = [];
  let bytes = 0;
  let missing = 0;
  let timer: NodeJS.Timeout | undefined;

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length === 0) return;
    const text = lines.join('');
    lines = [];
    bytes = 0;
    stream.write(text);
  }

  stream.on('error', () => undefined);
  process.on('exit', send);

  return {
    write(line) {
      if (stream.writableLength + bytes > maxHeldBytes) {
        missing += 1;
        return;
      }
      if (missing > 0) {
        const count = missing;
        missing = 0;
        lost(count);
      }
      lines.push(line);
      bytes += line.length;
      if (bytes >= gather.bytes) send();
      else timer ??= setTimeout(send, gather.ms).unref();
    },

    flush(timeoutMs) {
      send();
      const taken = new Promise<boolean>((resolve) => {
        stream.write('', () => {
          resolve(true);
        });
      });
      return withDeadline(taken, timeoutMs, () => false);
    },
  };
}

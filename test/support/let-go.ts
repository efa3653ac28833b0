import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/**
 * Lets SQLite go of the files of closed stores, as the end of a process does: the binding keeps a file
 * until the garbage collector has found its last statement.
 */
export async function letGo(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    collect();
    await turn();
  }
}

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Call } from './history.js';

const run = promisify(execFile);
const cwd = fileURLToPath(new URL('checker', import.meta.url));

/** Why histories cannot be checked here; `undefined` when they can. */
export async function obstacleToChecking(): Promise<string | undefined> {
  try {
    await run('go', ['mod', 'download'], { cwd });
    return undefined;
  } catch (error) {
    return `Porcupine cannot be had: ${(error as Error).message.split('\n').join(' ')}`;
  }
}

/**
 * Asks Porcupine whether histories are linearizable.
 *
 * @returns of each what is wrong with it; `ok` for nothing
 */
export async function judge(histories: readonly (readonly Call[])[]): Promise<string[]> {
  const running = run('go', ['run', '.'], { cwd, maxBuffer: 64 * 1024 * 1024 });
  running.child.stdin?.end(JSON.stringify(histories));
  const { stdout } = await running;
  return stdout.trimEnd().split('\n');
}

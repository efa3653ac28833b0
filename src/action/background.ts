/** The process that renews a lease while a job goes on: how it is started and ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Claimed } from '../client/client.js';
import type { Environment } from '../cli/environment.js';
import { variable } from '../cli/environment.js';
import { isRunning, nameOf } from './worker.js';
import type { ProcessName } from './worker.js';

/** How long the process has to end, in milliseconds. */
const endingMs = 3_000;

const logOf = (folder: string) => join(folder, 'log');
const nameFile = (folder: string) => join(folder, 'process.json');

/** A folder of this step's own, which later steps can read. */
export function makeFolder(environment: Environment): Promise<string> {
  return mkdtemp(join(variable(environment, 'RUNNER_TEMP') ?? tmpdir(), 'deployment-queue-'));
}

/**
 * Leaves a process behind that renews a lease.
 *
 * @param options those of the connection
 * @returns once it has renewed the lease for the first time
 * @throws Error what it says when it could not
 */
export async function startRenewer(
  folder: string,
  { deployment, lease }: Pick<Claimed, 'deployment' | 'lease'>,
  leaseSeconds: number,
  options: readonly string[],
  environment: Environment,
): Promise<void> {
  const log = await open(logOf(folder), 'a', 0o600);
  // What runs the job. It ends what a job has left behind, by RUNNER_TRACKING_ID, and may itself be ended.
  const worker = nameOf(process.ppid);
  const child = spawn(
    process.execPath,
    [
      ...[fileURLToPath(new URL('renewer.js', import.meta.url)), 'renew', ...options],
      `--started-at=${deployment.started_at ?? ''}`,
      `--lease=${leaseSeconds}`,
      `--folder=${folder}`,
      `--worker-pid=${worker.pid}`,
      `--worker-since=${worker.since}`,
      deployment.id,
    ],
    {
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // The log is a file: masks in it would be the tokens themselves.
      env: {
        ...environment,
        DEPLOYMENT_QUEUE_MASK_TOKENS: '',
        GITHUB_ACTIONS: '',
        LEASE_TOKEN: lease.token,
      },
    },
  );
  await log.close();
  if (child.pid !== undefined) {
    await writeFile(nameFile(folder), JSON.stringify(nameOf(child.pid)));
  }
  const told = await Promise.race([
    once(child, 'message').then(([message]) => message as { readonly held: boolean }),
    once(child, 'exit').then(() => ({ held: false })),
  ]);
  if (!told.held) {
    const said = (await readFile(logOf(folder), 'utf8')).trim();
    throw new Error(`the lease is not renewed: ${said}`);
  }
  child.disconnect();
  child.unref();
}

/**
 * Ends the process, if it is there.
 *
 * @returns what it has said
 */
export async function endRenewer(folder: string): Promise<string> {
  const name = await readFile(nameFile(folder), 'utf8').then(
    (text) => JSON.parse(text) as ProcessName,
    () => undefined,
  );
  if (name !== undefined && isRunning(name)) {
    process.kill(name.pid, 'SIGTERM');
    const end = performance.now() + endingMs;
    while (isRunning(name) && performance.now() < end) await sleep(20);
  }
  const said = await readFile(logOf(folder), 'utf8').catch(() => '');
  await rm(folder, { recursive: true, force: true });
  return said;
}

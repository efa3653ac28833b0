import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { end, freePort, makeFolder, own, user } from './server.js';

/** A PgBouncer in transaction mode. */
export interface Pooler {
  /** How a database of the server behind it is reached through it. */
  through(url: string): string;
  /** Ends it as a crash does, and starts it again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** As docs/POSTGRESQL.md has them. */
export const documentedSettings = [
  'ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout',
];

/** Why there can be none; `undefined` when there can be one. */
export function obstacleToPooler(): string | undefined {
  const { error } = spawnSync('pgbouncer', ['--version']);
  return error === undefined ? undefined : 'there is no pgbouncer (apt-get install pgbouncer)';
}

/**
 * Starts one in front of a server.
 *
 * @param settings beside those that every one has, as docs/POSTGRESQL.md names them
 */
export async function startPooler(
  serverPort: number,
  settings: readonly string[],
): Promise<Pooler> {
  const folder = await makeFolder();
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const lines = [
    '[databases]',
    `* = host=127.0.0.1 port=${serverPort} user=postgres`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'pool_mode = transaction',
    // Fewer than a process opens, so that they are shared.
    'default_pool_size = 4',
    'max_client_conn = 200',
    ...settings,
  ];
  await writeFile(file, lines.join('\n'));
  own(file);
  let child = await run(file, folder);
  return {
    through(url) {
      const changed = new URL(url);
      changed.port = String(port);
      return changed.href;
    },
    async restart() {
      await end(child, 'SIGKILL');
      child = await run(file, folder);
    },
    async stop() {
      await end(child, 'SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}

async function run(file: string, folder: string): Promise<ChildProcess> {
  const child = spawn('pgbouncer', [file], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killed = (): boolean => child.kill('SIGKILL');
  process.once('exit', killed);
  child.once('exit', () => process.off('exit', killed));
  const said: string[] = [];
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (line.includes('process up')) resolve();
    });
    child.once('exit', () => {
      reject(new Error(`PgBouncer did not start: ${said.join('\n')}`));
    });
  });
  return child;
}

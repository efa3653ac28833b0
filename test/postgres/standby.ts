import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../support/until.js';
import { programs } from './installed.js';
import { startPostgres, user } from './server.js';
import type { PostgresServer } from './server.js';
import { runStatement } from './shared.js';

/** A server that follows another one, until it takes its place. */
export interface Standby extends PostgresServer {
  promote(): Promise<void>;
}

/**
 * Starts a server that has all that another one has. From then on, what that one acknowledges is here as well
 * (`synchronous_standby_names`).
 */
export async function startStandby(primary: PostgresServer): Promise<Standby> {
  const server = await startPostgres({
    programs,
    isDurable: true,
    async fill(data) {
      const from = ['-h', '127.0.0.1', '-p', String(primary.port), '-U', 'postgres'];
      const args = ['-D', data, ...from, '-R', '-X', 'stream', '--checkpoint=fast'];
      await promisify(execFile)(`${programs}/pg_basebackup`, args, { ...user, cwd: '/' });
    },
  });
  const onPrimary = primary.url('postgres');
  await runStatement(onPrimary, "ALTER SYSTEM SET synchronous_standby_names = '*'");
  await runStatement(onPrimary, 'SELECT pg_reload_conf()');
  await until('it is followed', async () => {
    const followers = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'";
    return (await runStatement(onPrimary, followers)).length === 1;
  });
  return {
    ...server,
    async promote() {
      await runStatement(server.url('postgres'), 'SELECT pg_promote()');
    },
  };
}

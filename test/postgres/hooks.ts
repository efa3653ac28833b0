import { startPostgres } from './server.js';
import type { PostgresServer } from './server.js';

let server: PostgresServer | undefined;

/** One server for all suites; each service has a database of its own in it. */
export async function mochaGlobalSetup(): Promise<void> {
  server = await startPostgres();
  process.env['TEST_STORE'] = 'postgres';
  process.env['POSTGRES_TEST_URL'] = server.url('postgres');
}

export async function mochaGlobalTeardown(): Promise<void> {
  await server?.stop();
}

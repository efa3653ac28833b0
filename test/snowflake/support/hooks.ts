import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SnowflakeServer } from './server.js';

let server: SnowflakeServer | undefined;
let prepared: string | undefined;

/**
 * One server for all suites that do not need one of their own; each makes its own schema in it. All servers share
 * what they have made of statements, which is most of what a new one would have to do.
 */
export async function mochaGlobalSetup(): Promise<void> {
  prepared = await mkdtemp(join(tmpdir(), 'snowflake-prepared-'));
  process.env['SNOWFLAKE_TEST_PREPARED'] = prepared;
  server = await SnowflakeServer.start();
  process.env['SNOWFLAKE_TEST_URL'] = server.url;
}

export async function mochaGlobalTeardown(): Promise<void> {
  await server?.stop();
  if (prepared !== undefined) await rm(prepared, { recursive: true });
}

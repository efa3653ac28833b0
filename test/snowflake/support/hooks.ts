import { SnowflakeServer } from './server.js';

let server: SnowflakeServer | undefined;

/** One server for all suites that do not need one of their own; each makes its own schema in it. */
export async function mochaGlobalSetup(): Promise<void> {
  server = await SnowflakeServer.start();
  process.env['SNOWFLAKE_TEST_URL'] = server.url;
}

export async function mochaGlobalTeardown(): Promise<void> {
  await server?.stop();
}

import pg from 'pg';
import { freshName, startPostgres } from './server.js';
import type { PostgresServer } from './server.js';

let started: Promise<PostgresServer> | undefined;

/** How the server of this process's tests is reached; it is stopped after the last of them. */
async function urlOf(database: string): Promise<string> {
  const running = process.env['POSTGRES_TEST_URL'];
  if (running !== undefined) return new URL(database, running).href;
  started ??= startPostgres();
  return (await started).url(database);
}

// A whole run has one server, which test/postgres/hooks.ts starts.
if (process.env['POSTGRES_TEST_URL'] === undefined) {
  after(async () => {
    await (await started)?.stop();
  });
}

/** Makes an empty database on the server of this process's tests; returns how to connect to it. */
export async function newDatabase(): Promise<string> {
  const name = freshName();
  await runStatement(await urlOf('postgres'), `CREATE DATABASE ${name}`);
  return urlOf(name);
}

/** Runs a statement on a connection of its own. */
export async function runStatement(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

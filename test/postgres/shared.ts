import pg from 'pg';
import type { PostgresOptions } from '../../src/store/postgres/options.js';
import { freshName, startPostgres } from './server.js';
import type { PostgresServer } from './server.js';

let started: Promise<PostgresServer> | undefined;

/** The server of this process's tests, which is stopped after the last of them. */
export function sharedPostgres(): Promise<PostgresServer> {
  started ??= startPostgres();
  return started;
}

after(async () => {
  await (await started)?.stop();
});

/** How a store is opened in tests. */
export function optionsFor(url: string): PostgresOptions {
  return {
    url,
    listenUrl: url,
    migrate: 'start',
    poolSize: 10,
    poolWaitMs: 5_000,
    poolQueue: 200,
    timeoutMs: 15_000,
  };
}

/** Makes an empty database on the server of this process's tests; returns how to connect to it. */
export async function newDatabase(template = 'template1'): Promise<string> {
  const server = await sharedPostgres();
  const name = freshName();
  await runStatement(server.url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return server.url(name);
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

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import supertest from 'supertest';
import type TestAgent from 'supertest/lib/agent.js';
import { createClock } from '../../src/platform/clock.js';
import type { Clock } from '../../src/platform/clock.js';
import { createLogger } from '../../src/platform/logging.js';
import { startService } from '../../src/service.js';
import { readSettings } from '../../src/settings/settings.js';

/** A service that answers over real sockets, on a store of its own. */
export interface TestService {
  readonly apiUrl: string;
  readonly managementUrl: string;
  /** A new folder that holds the database. */
  readonly folder: string;
  /** The log lines so far. */
  readonly logs: Record<string, unknown>[];
  readonly api: TestAgent;
  readonly management: TestAgent;
  /** Stops the service and removes its folder. */
  stop(): Promise<void>;
}

/** An empty store: settings that lead to it, and what is to be done once it is not used any more. */
interface EmptyStore {
  readonly environment: Record<string, string>;
  discard(): Promise<void>;
}

/** Has an empty store: a SQLite file, unless the run is on PostgreSQL or over Snowflake's driver. */
async function emptyStore(): Promise<EmptyStore> {
  const nothing = (): Promise<void> => Promise.resolve();
  const store = process.env['TEST_STORE'];
  if (store === 'postgres') {
    const { newDatabase } = await import('../postgres/shared.js');
    return { environment: { DATABASE_URL: await newDatabase() }, discard: nothing };
  }
  if (store !== 'snowflake') return { environment: {}, discard: nothing };
  const snowflake = await import('../snowflake/support/schema.js');
  const options = await snowflake.borrowSchema({ url: process.env['SNOWFLAKE_TEST_URL'] ?? '' });
  // Fifty callers at once take long where much else runs, and how long an operation may is not what they show.
  const patience = { SNOWFLAKE_TIMEOUT_MS: '45000', SNOWFLAKE_POOL_WAIT_MS: '45000' };
  return {
    environment: { ...snowflake.environmentFor(options), ...patience },
    discard: () => snowflake.giveBackSchema(options),
  };
}

/**
 * Starts the service with authentication off.
 *
 * @param environment settings that differ
 * @param clock where its instants come from
 */
export async function startTestService(
  environment: Record<string, string> = {},
  clock: Clock = createClock(),
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), 'deployment-queue-'));
  const logs: Record<string, unknown>[] = [];
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split('\n')) {
        logs.push(JSON.parse(line) as Record<string, unknown>);
      }
      done();
    },
  });
  const store = await emptyStore();
  const settings = readSettings({
    AUTH_ENABLED: 'false',
    ALLOWED_ORGANISATIONS: '*',
    SQLITE_PATH: join(folder, 'deployments.db'),
    ...store.environment,
    HOST: '127.0.0.1',
    API_PORT: '0',
    MANAGEMENT_PORT: '0',
    // The service shares the event loop with the tests, so its lag is theirs.
    OVERLOAD_LAG_MS: '0',
    // All tests call from one address, and look for the line of each refusal.
    AUTH_FAILURES_PER_MINUTE: '0',
    LOG_REFUSALS_PER_SECOND: '1000000',
    // Many tests send more at once than an organisation may.
    RATE_LIMIT_PER_SECOND: '0',
    ...environment,
  });
  const service = await startService(settings, createLogger(settings.logLevel, destination), {
    // Tests look at what they have just done.
    rememberMs: 0,
    clock,
  });
  return {
    apiUrl: service.apiUrl,
    managementUrl: service.managementUrl,
    folder,
    logs,
    api: supertest(service.apiUrl),
    management: supertest(service.managementUrl),
    async stop() {
      await service.stop();
      await store.discard();
      await rm(folder, { recursive: true });
    },
  };
}

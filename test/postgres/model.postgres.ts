import { config } from 'chai';
import fc from 'fast-check';
import { openPostgresStore } from '../../src/store/postgres/store.js';
import type { Store } from '../../src/store/store.js';
import { historyChoice } from '../model/choices.js';
import { keepsPromises } from '../model/claims.js';
import { inTurn, racing, sideBySide } from '../model/properties.js';
import { Client } from '../model/request.js';
import { runsOf } from '../model/runs.js';
import { silent } from '../snowflake/support/silent.js';
import { startTestService } from '../support/service.js';
import type { TestService } from '../support/service.js';
import { optionsFor } from './options.js';
import { newDatabase } from './shared.js';
import { emptyDatabase } from './store.js';

// A difference is told whole.
config.truncateThreshold = 0;

/** Several processes that take turns, as one store. */
function takingTurns(stores: readonly [Store, ...Store[]]): Store {
  let taken = 0;
  return {
    ...stores[0],
    for(organisation) {
      taken += 1;
      return (stores[taken % stores.length] ?? stores[0]).for(organisation);
    },
    async close() {
      for (const store of stores) await store.close();
    },
  };
}

describe('two processes on one PostgreSQL, beside a model of the design', function () {
  this.timeout(600_000);
  let url: string;
  let services: TestService[];
  let client: Client;
  before(async () => {
    url = await newDatabase();
    const settings = { STORE: 'postgres', DATABASE_URL: url };
    services = [await startTestService(settings), await startTestService(settings)];
    client = new Client(...services.map(({ apiUrl }) => apiUrl));
  });
  after(async () => {
    client.close();
    for (const service of services) await service.stop();
  });

  it('answer sequences of calls by several organisations as designed', async () => {
    await fc.assert(
      inTurn(() => client, { length: 25 }),
      runsOf(12),
    );
  });

  it('know what runs, and what a rollback returns to, after any history of a place', async () => {
    await fc.assert(
      inTurn(() => client, { choices: historyChoice, length: 25 }),
      runsOf(12),
    );
  });

  it('do not let organisations that call at once notice each other', async () => {
    await fc.assert(
      sideBySide(() => client),
      runsOf(8),
    );
  });

  it('answer callers who race as if one had come after the other', async () => {
    await fc.assert(
      racing(() => client),
      runsOf(50),
    );
  });

  it('keep every promise of the queue, whatever pipelines do', async () => {
    const options = optionsFor(await newDatabase());
    const open = () => openPostgresStore(options, silent);
    const ground = {
      open: async () => takingTurns([await open(), await open()]),
      clear: () => emptyDatabase(options.url),
    };
    await fc.assert(
      keepsPromises(() => Promise.resolve(ground)),
      runsOf(25),
    );
  });
});

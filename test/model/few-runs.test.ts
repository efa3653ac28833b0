import fc from 'fast-check';
import { runService } from '../support/http.js';
import { keepsPromises } from './claims.js';
import { historyChoice } from './choices.js';
import { inTurn, racing } from './properties.js';
import { Client } from './request.js';

/** A taste of `npm run test:model`: always the same runs. */
const few = { numRuns: 20, seed: 20260105 };

describe('the service, beside a model of the design, in a few runs', function () {
  this.timeout(120_000);
  const running = runService();
  let client: Client;
  before(() => {
    client = new Client(running.service.apiUrl);
  });
  after(() => {
    client.close();
  });

  it('answers sequences of calls by several organisations as designed', async () => {
    await fc.assert(
      inTurn(() => client, { length: 15 }),
      few,
    );
  });

  it('knows what runs, and what a rollback returns to, after any history of a place', async () => {
    await fc.assert(
      inTurn(() => client, { choices: historyChoice, length: 15 }),
      few,
    );
  });

  it('answers callers who race as if one had come after the other', async () => {
    await fc.assert(
      racing(() => client),
      few,
    );
  });
});

describe('pipelines that claim, in a few runs', () => {
  it('keep every promise of the queue', async () => {
    await fc.assert(keepsPromises(), few);
  });
});

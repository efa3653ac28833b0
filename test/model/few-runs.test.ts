import fc from 'fast-check';
import { authenticateAll } from '../support/authenticated-service.js';
import { runService } from '../support/http.js';
import { keepsKeysApart } from './callers.js';
import { keepsPromises } from './claims.js';
import { historyChoice } from './choices.js';
import { inTurn, racing } from './properties.js';
import { Client } from './request.js';

const { MODEL_RUNS } = process.env;
/** A taste of `npm run test:model`: always the same runs; more of them for `npm run test:mutants`. */
const few = {
  numRuns: Number(MODEL_RUNS ?? 20),
  seed: 20260105,
  // Of a mutant no smallest example is wanted.
  endOnFailure: MODEL_RUNS !== undefined,
};
const timeoutMs = MODEL_RUNS === undefined ? 120_000 : 0;

describe('the service, beside a model of the design, in a few runs', function () {
  this.timeout(timeoutMs);
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
      inTurn(() => client, { choices: historyChoice, length: MODEL_RUNS === undefined ? 15 : 40 }),
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

describe('pipelines that claim, in a few runs', function () {
  this.timeout(timeoutMs);

  it('keep every promise of the queue', async () => {
    await fc.assert(keepsPromises(), few);
  });
});

describe('callers of one organisation, in a few runs', function () {
  this.timeout(timeoutMs);
  // The model knows no rates.
  const running = authenticateAll({ RATE_LIMIT_PER_SECOND: '0' });

  it('keep their Idempotency-Keys apart', async () => {
    await fc.assert(
      keepsKeysApart(() => running.now),
      few,
    );
  });
});

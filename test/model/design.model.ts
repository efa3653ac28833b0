import { config, expect } from 'chai';
import fc from 'fast-check';
import { Processes } from '../support/process.js';
import { historyChoice } from './choices.js';
import { inTurn, longLineage, racing, sideBySide } from './properties.js';
import { Client } from './request.js';
import { runsOf } from './runs.js';
import type { Tally } from './world.js';

/** Responses that the sequences must bring about, or they would prove little. */
const outcomes = [
  ...['create 201', 'create 201 replayed', 'create 422 contract-violation'],
  ...['create 422 idempotency-key-reused', 'list 200', 'list 200 next'],
  ...['list 422 contract-violation', 'get 200', 'get 304', 'get 404 deployment-not-found'],
  ...['update 200', 'update 400 nothing-to-update', 'update 404 deployment-not-found'],
  ...['update 409 transition-not-allowed', 'update 412 precondition-failed'],
  ...['update 422 contract-violation', 'lineage 200', 'lineage 404 deployment-not-found'],
  ...['events 200', 'events 200 next', 'events 404 deployment-not-found'],
  ...['events 422 contract-violation', 'rollbackTaxonomy 201', 'rollbackTaxonomy 201 replayed'],
  ...['rollbackTaxonomy 404 rollback-source-not-found', 'rollbackTaxonomy 409 rollback-pending'],
  ...['rollbackTaxonomy 422 idempotency-key-reused', 'rollbackTaxonomy 422 contract-violation'],
  ...['rollbackDeployment 201', 'rollbackDeployment 201 replayed'],
  ...['rollbackDeployment 404 deployment-not-found'],
  ...['rollbackDeployment 404 rollback-source-not-found'],
  ...['rollbackDeployment 409 rollback-not-allowed', 'rollbackDeployment 409 rollback-pending'],
  ...['rollbackDeployment 422 idempotency-key-reused'],
  ...['rollbackDeployment 422 contract-violation'],
];

// A difference is told whole.
config.truncateThreshold = 0;

describe('the service, beside a model of the design', function () {
  this.timeout(1_200_000);
  const tally: Tally = new Map();
  let processes: Processes;
  let client: Client;
  before(async () => {
    processes = await Processes.create();
    const { apiUrl } = await processes.start({
      AUTH_ENABLED: 'false',
      // The model knows no rates.
      RATE_LIMIT_PER_SECOND: '0',
    });
    client = new Client(apiUrl);
  });
  after(async () => {
    client.close();
    await processes.dispose();
  });

  it('answers sequences of calls by several organisations as designed', async () => {
    const replayPath = process.env['FC_REPLAY_PATH'];
    await fc.assert(
      inTurn(() => client, { tally, length: 40, replayPath }),
      runsOf(1000),
    );
  });

  it('has shown each kind of response on the way', function () {
    // A repeated failure and a short run are too little for that.
    if (process.env['FC_RUNS'] !== undefined || process.env['FC_PATH'] !== undefined) this.skip();
    console.log(Object.fromEntries([...tally].sort()));
    expect([...tally.keys()]).to.include.members(outcomes);
  });

  it('knows what runs, and what a rollback returns to, after any history of a place', async () => {
    const replayPath = process.env['FC_REPLAY_PATH'];
    await fc.assert(
      inTurn(() => client, { choices: historyChoice, length: 40, replayPath }),
      runsOf(500),
    );
  });

  it('shows of a long lineage what is nearest, and that there is more', async () => {
    await longLineage(client);
  });

  it('does not let organisations that call at once notice each other', async () => {
    await fc.assert(
      sideBySide(() => client),
      runsOf(100),
    );
  });

  it('answers callers who race as if one had come after the other', async () => {
    await fc.assert(
      racing(() => client),
      runsOf(400),
    );
  });
});

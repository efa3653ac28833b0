/**
 * Prints how long each operation takes with 40 ms added to every round trip, beside a service that
 * opens a connection for each request and sends its statements one by one.
 *
 * `npm run bench:snowflake -- 100` adds 100 ms instead. The figures are of a test server; what they
 * show is the number of round trips that are waited for.
 */
import { randomUUID } from 'node:crypto';
import { createClock } from '../src/platform/clock.js';
import { create } from '../src/domain/deployments/create.js';
import { rollback } from '../src/domain/deployments/rollback.js';
import { update } from '../src/domain/deployments/update.js';
import type { Decided, Decision } from '../src/domain/decision.js';
import { runDecisionFarAway } from '../src/store/decision-runner.js';
import { listStatement } from '../src/store/snowflake/deployments/list.js';
import { loadDriver } from '../src/store/snowflake/driver.js';
import type { Link } from '../src/store/snowflake/driver.js';
import { createControlsCache } from '../src/store/controls-cache.js';
import { createSlice } from '../src/store/snowflake/slice.js';
import { openSnowflakeStore } from '../src/store/snowflake/store.js';
import { changeStatements } from '../src/store/snowflake/write.js';
import { prepareSnowflakePython } from '../test/snowflake/support/python.js';
import { newSchema } from '../test/snowflake/support/schema.js';
import { SnowflakeServer } from '../test/snowflake/support/server.js';
import { silent } from '../test/snowflake/support/silent.js';
import { StoreUser } from '../test/store/harness.js';
import { deploymentBody } from '../test/support/deployments.js';

const addedMs = Number(process.argv[2] ?? 40);
const rounds = 7;

const python = prepareSnowflakePython();
if ('missing' in python) throw new Error(python.missing);
process.env['SNOWFLAKE_TEST_PYTHON'] = python.path;

const server = await SnowflakeServer.start();
const options = await newSchema(server);
const store = await openSnowflakeStore(options, silent);
const connect = await loadDriver(options);
const acme = new StoreUser(store, 'acme');
const clock = createClock();

/** One request of the naive service. */
async function naively(use: (link: Link) => Promise<unknown>): Promise<void> {
  const link = await connect();
  await use(link);
  await link.close();
}

/** The same that reads and changes, one statement after the other. */
const change = <Result>(decide: () => Decision<Result> | Decided<Result>): Promise<void> =>
  naively(async (link) => {
    const slice = createSlice((statement) => link.query(statement), 'acme', createControlsCache());
    const { changes } = await runDecisionFarAway(decide(), (reads) => slice.read(reads));
    const statements = changeStatements(
      { id: randomUUID(), organisation: 'acme', changes },
      'hybrid',
    );
    for (const statement of statements) await link.query(statement);
  });

/** Two released versions and one that waits, in a place of their own. */
async function preparePlace(): Promise<{ cell: string; id: string }> {
  const cell = randomUUID();
  await acme.place({ cell, version: '1' }, 'deployed');
  await acme.place({ cell, version: '2' }, 'deployed');
  const { stored } = await acme.create({ cell, version: '3' });
  return { cell, id: stored.deployment.id };
}

type Place = Awaited<ReturnType<typeof preparePlace>>;

const operations: readonly (readonly [
  name: string,
  ours: (place: Place) => Promise<unknown>,
  theirs: (place: Place) => Promise<unknown>,
])[] = [
  [
    'list',
    () => acme.list({ limit: 10 }),
    () => naively((link) => link.query(listStatement('acme', { filter: {}, limit: 10 }))),
  ],
  [
    'get',
    ({ id }) => acme.get(id),
    ({ id }) =>
      naively((link) =>
        createSlice((statement) => link.query(statement), 'acme', createControlsCache()).read([
          { read: 'deployment', id },
        ]),
      ),
  ],
  [
    'create',
    () => acme.create(),
    () => change(() => create(deploymentBody(), acme.caller, clock.newIdentity())),
  ],
  [
    'patch to deployed',
    ({ id }) => acme.move(id, 'deployed'),
    ({ id }) =>
      change(() => {
        const fields = { status: 'deployed' } as const;
        const command = { id, fields, caller: acme.caller, precondition: () => undefined };
        return update(command, clock.now());
      }),
  ],
  [
    'rollback',
    ({ cell }) => acme.rollback({ cell }),
    ({ cell }) =>
      change(() => {
        const selector = { taxonomy: acme.taxonomy({ cell }) };
        return rollback({ selector }, acme.caller, clock.newIdentity());
      }),
  ],
];

async function median(run: (place: Place) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await server.reset();
    const place = await preparePlace();
    await server.fault({ kind: 'latency', ms: addedMs });
    const started = performance.now();
    await run(place);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? NaN;
}

console.log(`| operation, ${addedMs} ms a round trip | this store | a connection each | ratio |`);
console.log('| --- | ---: | ---: | ---: |');
for (const [name, ours, theirs] of operations) {
  const [here, there] = [await median(ours), await median(theirs)];
  const ratio = (there / here).toFixed(1);
  console.log(`| ${name} | ${here.toFixed(0)} ms | ${there.toFixed(0)} ms | ${ratio} |`);
}
await store.close();
await server.stop();

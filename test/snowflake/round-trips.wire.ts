import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { claim } from '../../src/domain/queue/claim.js';
import { compare } from '../../src/domain/overview/compare.js';
import { currentOf } from '../../src/domain/overview/current.js';
import { pairUp } from '../../src/domain/overview/pairs.js';
import { claimNext } from '../../src/domain/queue/claim-next.js';
import { renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import { positionOf } from '../../src/domain/queue/position.js';
import type { Store, TenantStore } from '../../src/store/store.js';
import type { SnowflakeOptions, TableKind } from '../../src/store/snowflake/options.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import { keyed, StoreUser } from '../store/harness.js';
import { borrowSchema, giveBackSchema } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

/** What the design allows, and what is reached: requests at the wire. */
const rows: readonly (readonly [
  operation: string,
  budget: number,
  reached: number,
  run: (acme: StoreUser, place: Place, store: Store) => Promise<unknown>,
])[] = [
  ['list', 1, 1, (acme) => acme.versions()],
  ['get', 1, 1, (acme, { id }) => acme.get(id)],
  ['events', 1, 1, (acme, { id }) => acme.events(id)],
  ['lineage', 1, 1, (acme, { id }) => acme.store.read({ read: 'lineage', id })],
  ['create', 4, 2, (acme) => acme.create({ name: 'other' })],
  ['create with a new key', 4, 2, (acme) => acme.create({ name: 'other' }, keyed('new'))],
  ['create with a used key', 4, 3, (acme) => acme.create({}, keyed('used'))],
  ['patch', 6, 3, (acme, { id }) => acme.move(id, 'failed')],
  ['patch to deployed, skipping five', 6, 3, (acme, { waiting }) => acme.move(waiting, 'deployed')],
  ['patch that changes nothing', 6, 1, (acme, { id }) => acme.move(id, 'deployed')],
  ['rollback', 7, 3, (acme) => acme.rollback({ cell: 'a' })],
  [
    'rollback with a new key',
    7,
    3,
    (acme) => acme.rollback({ cell: 'a' }, undefined, keyed('rollback')),
  ],
  ['rollback with a used key', 7, 1, (acme) => acme.rollback({ cell: 'b' }, undefined, keyed('b'))],
  ['rollback by id', 7, 3, (acme, { id }) => acme.rollbackOf({ id })],
  ['rollback to a version', 7, 3, (acme) => acme.rollback({ cell: 'a' }, '1')],
  [
    'rollback of a rollback',
    7,
    3,
    async (acme, { rollback }) => {
      const { stored } = await acme.rollback({ cell: 'c' });
      expect(stored.baseId).not.to.equal(null);
      expect(stored.deployment.rollback_from_deployment_id).to.equal(rollback);
    },
  ],
  ['rollback that is refused', 7, 1, (acme) => acme.rollback({ cell: 'b' }).catch(refused)],
  [
    'rollback where nothing runs, which says what is elsewhere',
    7,
    2,
    (acme) => acme.rollback({ cell: 'nowhere' }).catch(refused),
  ],
  [
    'rollback with a new key that is refused',
    7,
    1,
    (acme) => acme.rollback({ cell: 'b' }, undefined, keyed('refused')).catch(refused),
  ],
  ['claim that starts', 7, 6, (acme, { waiting }) => tryClaim(acme, waiting)],
  ['claim that waits', 7, 5, (acme, { blocked }) => tryClaim(acme, blocked)],
  [
    'claim of a worker',
    7,
    7,
    (acme) => acme.store.change('claimNext', () => claimNext(commandOf(acme), now())),
  ],
  [
    'renewal of a lease',
    7,
    3,
    (acme, { held: id }) =>
      acme.store.change('renewLease', () =>
        renew({ id, caller: acme.caller, token: 'token' }, now()),
      ),
  ],
  [
    'position in the queue',
    7,
    3,
    (acme, { blocked }) => acme.store.change('position', () => positionOf(blocked, now())),
  ],
  ['what runs where', 4, 2, (acme) => current(acme)],
  ['how environments compare', 4, 4, (acme) => compareStaging(acme)],
  ['the feed, of which all is known', 1, 1, (_acme, _place, store) => feed(store.for('nobody'))],
  ['the feed, after something has happened', 4, 4, ({ store }) => feed(store)],
  ['depth', 1, 1, (_acme, _place, store) => store.system.depth()],
  ['what is still skipping', 1, 1, (_acme, _place, store) => store.system.skipping()],
  ['tenant', 1, 1, (_acme, _place, { tenants }) => tenants.find('65')],
  ['tenants seen as', 1, 1, (_acme, _place, { tenants }) => tenants.seenAs('acme')],
  [
    'new tenant',
    4,
    3,
    (_acme, _place, { tenants }) =>
      tenants.register({ id: '65', login: 'acme' }, 'acme', '2026-01-01T00:00:00.000Z'),
  ],
  ['check', 1, 1, (_acme, _place, store) => store.check()],
];

const now = (): string => new Date().toISOString();

const commandOf = ({ caller }: StoreUser) => ({
  selector: { environment: 'auto' },
  caller,
  call: 'call',
  isFirst: true,
  waitSeconds: 0,
  leaseSeconds: 60,
  tokenHash: hashToken('token'),
  request: undefined,
});

function tryClaim(user: StoreUser, id: string): Promise<unknown> {
  return user.store.change('claim', () => claim({ ...commandOf(user), id }, now()));
}

function feed(store: TenantStore): Promise<unknown> {
  return store.read({ read: 'feed', from: { last: 10 }, limit: 10 });
}

async function current({ store }: StoreUser): Promise<void> {
  const { taxonomies } = await store.read({ read: 'taxonomies', filter: {}, limit: 100 });
  const rows = await store.change('current', () => currentOf(taxonomies, now()));
  expect(rows).to.have.length.above(4);
}

async function compareStaging({ store }: StoreUser): Promise<void> {
  // One after the other, so that one session does.
  const pageOf = (environment: string) =>
    store.read({ read: 'taxonomies', filter: { environment }, limit: 100 });
  const from = await pageOf('staging');
  const to = await pageOf('production');
  const { pairs } = pairUp(from, to, 100);
  const rows = await store.change('compare', () => compare(pairs));
  expect(rows.map(({ state }) => state)).to.include('diverged');
}

/**
 * Deployments: a deployed one, the newest of six that wait, a rollback that is deployed, one that is carried out
 * under a lease, and one that has to wait for it.
 */
interface Place {
  readonly id: string;
  readonly rollback: string;
  readonly waiting: string;
  readonly held: string;
  readonly blocked: string;
}

for (const tables of ['hybrid', 'standard'] as const satisfies readonly TableKind[]) {
  describe(`round trips with ${tables} tables`, () => {
    let server: SnowflakeServer;
    let options: SnowflakeOptions;
    let store: Store;
    let acme: StoreUser;
    let place: Place;
    const table: string[] = [];

    before(async () => {
      server = await SnowflakeServer.start();
    });
    after(() => server.stop());
    after(() => {
      console.log(`\n    | operation | budget | round trips |\n${table.join('\n')}`);
    });

    beforeEach(async () => {
      options = await borrowSchema(server, tables);
      store = await openSnowflakeStore(options, silent);
      await server.reset();
      acme = new StoreUser(store, 'acme');
      await acme.create({ name: 'keyed' }, keyed('used'));
      await acme.place({ cell: 'a', version: '1' }, 'deployed');
      const { deployment } = await acme.place({ cell: 'a', version: '2' }, 'deployed');
      await acme.place({ cell: 'b', version: '1' }, 'deployed');
      await acme.place({ cell: 'b', version: '2' }, 'deployed');
      await acme.rollback({ cell: 'b' }, undefined, keyed('b'));
      for (const version of ['1', '2', '3']) await acme.place({ cell: 'c', version }, 'deployed');
      const undo = await acme.rollback({ cell: 'c' });
      await acme.move(undo.stored.deployment.id, 'deployed');
      await acme.place({ environment: 'staging', cell: 'a', version: '9' }, 'deployed');
      let waiting = '';
      for (let count = 0; count < 6; count += 1) {
        waiting = (await acme.create({ cell: 'a', version: '3' })).stored.deployment.id;
      }
      const queued: string[] = [];
      for (const environment of ['held', 'held', 'auto']) {
        queued.push((await acme.create({ environment, auto: true })).stored.deployment.id);
      }
      const [held = '', blocked = ''] = queued;
      await tryClaim(acme, held);
      const rollback = undo.stored.deployment.id;
      place = { id: deployment.id, rollback, waiting, held, blocked };
      await settledRequests(server);
      await server.reset();
    });
    afterEach(async () => {
      await store.close();
      await giveBackSchema(options);
    });

    for (const [operation, budget, reached, run] of rows) {
      it(`${operation}: ${reached} of ${budget}`, async () => {
        await run(acme, place, store);
        const paths = await settledRequests(server);
        table.push(`    | ${operation} | ${budget} | ${paths.length} |`);
        expect(paths).to.have.length(reached);
        expect(reached).to.be.at.most(budget);
      });
    }
  });
}

/** How long requests are waited for that may or may not come, in milliseconds. */
const patienceMs = 1_000;

/**
 * The paths of the requests since the last reset, once nothing is under way: the driver fetches the result of a
 * request with several statements after it has given the answer, also when its session is over by then.
 */
async function settledRequests(server: SnowflakeServer): Promise<string[]> {
  const latest = performance.now() + patienceMs;
  for (;;) {
    const requests = await server.requests();
    const done = requests.filter(({ outcome }) => outcome === '200');
    const several = done.filter(({ sql }) => sql?.startsWith('BEGIN'));
    const fetched = done.filter(({ path }) => path.endsWith('/result'));
    const pending = requests.some(({ outcome }) => outcome === 'pending');
    if ((!pending && several.length === fetched.length) || performance.now() > latest) {
      return requests.filter(({ outcome }) => outcome !== sessionGone).map(({ path }) => path);
    }
    await sleep(10);
  }
}

/** What the fetch of a session that has been closed is answered. */
const sessionGone = '390111';

function refused(error: unknown): void {
  if (!(error instanceof ApplicationError) || error.code === 'unavailable') throw error;
}

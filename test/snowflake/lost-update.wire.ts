import { expect } from 'chai';
import type { ChangeSet } from '../../src/domain/changes.js';
import { noControls } from '../../src/domain/controls/controls.js';
import { changeOfState } from '../../src/domain/deployments/changes.js';
import type { StoredDeployment } from '../../src/domain/deployments/deployment.js';
import { byRequest, recordEvent, sourceOf } from '../../src/domain/deployments/events.js';
import { defaultEnvironment } from '../../src/domain/environments/environment.js';
import { lockedBy } from '../../src/domain/gates/locks.js';
import { expiredBefore } from '../../src/domain/idempotency/idempotency.js';
import { createClock } from '../../src/platform/clock.js';
import { loadDriver } from '../../src/store/snowflake/driver.js';
import type { Link } from '../../src/store/snowflake/driver.js';
import type { Statement } from '../../src/store/snowflake/statement.js';
import { classify } from '../../src/store/snowflake/failure.js';
import type { SnowflakeOptions } from '../../src/store/snowflake/options.js';
import { openSession } from '../../src/store/snowflake/session.js';
import { openSnowflakeStore } from '../../src/store/snowflake/store.js';
import { changeStatements, rollback } from '../../src/store/snowflake/write.js';
import type { Store } from '../../src/store/store.js';
import { StoreUser } from '../store/harness.js';
import { caller, storedDeployment } from '../support/stored.js';
import { newSchema } from './support/schema.js';
import { silent } from './support/silent.js';
import { SnowflakeServer } from './support/server.js';

const clock = createClock();

/** A change of notes alone. */
function notes(stored: StoredDeployment, text: string): ChangeSet {
  const at = clock.now();
  const to = {
    ...stored,
    revision: stored.revision + 1,
    deployment: { ...stored.deployment, notes: text, updated_at: at },
  };
  return {
    deployments: { updated: [changeOfState(stored, to)] },
    events: [recordEvent(stored, to, byRequest, sourceOf(caller), at)],
  };
}

/** A new deployment that rests on another one, as a rollback does. */
function restingOn(stored: StoredDeployment): ChangeSet {
  const { id, at } = clock.newIdentity();
  const created = storedDeployment(1, { id, created_at: at, updated_at: at });
  return { deployments: { created: [created], unchanged: [stored] } };
}

const removal = (stored: StoredDeployment): ChangeSet => ({ removed: [stored] });

/** A next state of the queue of production, made from a revision. */
function queueAfter({ deployment: { organisation } }: StoredDeployment, from: number): ChangeSet {
  const stored = { ...defaultEnvironment('production'), revision: 1 };
  const to = { organisation, stored, revision: from + 1, dueAt: null };
  return { queue: { from, to, put: [], removed: [] } };
}

/** A first response under a key. */
function remembered({ deployment }: StoredDeployment, at: string): ChangeSet {
  return { response: { owner: 'o', key: 'k', fingerprint: 'f', at, deployment } };
}

/** What is deployed became bad, and is deployed again with more to skip than is skipped at once. */
function deployedAgain(stored: StoredDeployment): ChangeSet {
  const at = clock.now();
  const to = {
    ...stored,
    revision: stored.revision + 1,
    deployment: { ...stored.deployment, deployed_at: at, updated_at: at },
  };
  return {
    deployments: { updated: [changeOfState(stored, to)] },
    events: [recordEvent(stored, to, byRequest, sourceOf(caller), at)],
    skipping: [{ deployed: to, since: at }],
  };
}

/** One more lock, placed on controls of a revision. */
function locked({ deployment }: StoredDeployment, revision: number): ChangeSet {
  const { organisation } = deployment;
  const controls = { ...noControls, revision };
  return { controls: lockedBy(deployment, 'now', controls, { ...caller, organisation }) };
}

/** A change that is allowed by controls of a revision, and by no others for all it knows. */
function allowed(stored: StoredDeployment, revision: number): ChangeSet {
  const { organisation } = stored.deployment;
  return { ...notes(stored, 'one'), controlsAt: { organisation, revision } };
}

const dayBeforeYesterday = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000).toISOString();
const since = ({ deployment: { deployed_at: at } }: StoredDeployment): string => at ?? '';

const pairs: readonly (readonly [
  what: string,
  first: (stored: StoredDeployment) => ChangeSet,
  second: (stored: StoredDeployment) => ChangeSet,
  /** What is stored before both. */
  before?: (stored: StoredDeployment) => ChangeSet,
])[] = [
  ['notes and notes', (stored) => notes(stored, 'one'), (stored) => notes(stored, 'two')],
  ['notes and a rollback', (stored) => notes(stored, 'one'), restingOn],
  ['a rollback and a rollback', restingOn, restingOn],
  ['notes and a removal', (stored) => notes(stored, 'one'), removal],
  ['a rollback and a removal', restingOn, removal],
  [
    'a state of a queue and another one',
    (stored) => queueAfter(stored, 1),
    (stored) => queueAfter(stored, 1),
    (stored) => queueAfter(stored, 0),
  ],
  [
    'a request and another one under a key that has expired',
    (stored) => remembered(stored, clock.now()),
    (stored) => remembered(stored, clock.now()),
    (stored) => remembered(stored, dayBeforeYesterday),
  ],
  [
    'a deployment that skips others again and the end of its skipping',
    deployedAgain,
    (stored) => ({ doneSkipping: [{ id: stored.deployment.id, since: since(stored) }] }),
    (stored) => ({ skipping: [{ deployed: stored, since: since(stored) }] }),
  ],
  [
    'a lock and what would be allowed without it',
    (stored) => locked(stored, 1),
    (stored) => allowed(stored, 1),
    (stored) => locked(stored, 0),
  ],
];

describe('of two changes that rest on the same reading, though a write that has waited does not look again,', () => {
  let server: SnowflakeServer;
  let options: SnowflakeOptions;
  let store: Store;
  let links: Link[] = [];

  before(async () => {
    server = await SnowflakeServer.start();
    options = await newSchema(server);
    store = await openSnowflakeStore(options, silent);
    const connect = await loadDriver(options);
    links = [await openSession(connect, options), await openSession(connect, options)];
  });
  after(async () => {
    await store.close();
    for (const link of links) await link.close();
    await server.stop();
  });
  afterEach(() => server.reset());

  /** Whether a statement waits for a lock before a request has ended that was sent just now. */
  async function waits(sent: Promise<unknown>): Promise<boolean> {
    const before = server.log.length;
    const ended = sent.then(
      () => true,
      () => true,
    );
    const soon = (): Promise<boolean> => new Promise((resolve) => setTimeout(resolve, 5, false));
    while (!(await Promise.race([ended, soon()])))
      if (server.log.slice(before).some(({ event }) => event === 'blocked')) return true;
    return false;
  }

  /** Beginnings of ids whose changes count in rows that are not there yet, so that they meet nowhere else. */
  async function freeParts(link: Link, organisation: string): Promise<string[]> {
    const rows = await link.query({
      sql: 'SELECT part FROM tenant_usage WHERE organisation = ?',
      values: [organisation],
    });
    const taken = rows.map((row) => row['PART']);
    return Array.from('0123456789abcdef').filter((digit) => !taken.includes(parseInt(digit, 16)));
  }

  /** Lends both sessions, and a deployment of an organisation whose changes count in no row that is there. */
  async function setUp(organisation: string) {
    const [one, two] = links;
    if (one === undefined || two === undefined) throw new Error('There are no sessions');
    const user = new StoreUser(store, organisation);
    const { deployment } = await user.place({}, 'deployed');
    const stored = await user.get(deployment.id);
    if (stored === undefined) throw new Error('There is no deployment');
    const [a = '', b = '', c = ''] = await freeParts(one, organisation);
    const statements = (id: string, changes: ChangeSet): Statement[] =>
      changeStatements({ id: `${id}-${organisation}`, organisation, changes }, 'hybrid');
    return { one, two, user, stored, statements, ids: [a, b, c] as const };
  }

  for (const [nth, [what, first, second, before]] of pairs.entries()) {
    it(`${what}, the second fails`, async () => {
      const { one, two, stored, statements, ids } = await setUp(`org-${nth}`);
      const [a, b, c] = ids;
      if (before !== undefined) await one.batch(statements(c, before(stored)));
      await server.fault({ kind: 'keep_matched' });
      const held = statements(a, first(stored));
      await one.batch(held.slice(0, -1));
      const failed = two.batch(statements(b, second(stored))).catch((error: unknown) => error);
      expect(await waits(failed), 'it waits for the lock').to.equal(true);
      await one.query({ sql: 'COMMIT', values: [] });
      expect(classify(await failed)).to.equal('stale');
      await two.query(rollback);
    });
  }

  it('what is allowed without a lock and a lock, the second is stored afterwards', async () => {
    const { one, two, stored, statements, ids } = await setUp('org-started');
    const [a, b, c] = ids;
    await one.batch(statements(c, locked(stored, 0)));
    await one.batch(statements(a, allowed(stored, 1)).slice(0, -1));
    const locks = two.batch(statements(b, locked(stored, 1)));
    expect(await waits(locks), 'it waits for the lock').to.equal(true);
    await one.query({ sql: 'COMMIT', values: [] });
    await locks;
  });

  for (const [organisation, what, first, second] of [
    ['org-first-lock', 'a first lock and what would be allowed without it', locked, allowed],
    ['org-lock-first', 'what is allowed without a lock and a first one', allowed, locked],
  ] as const) {
    it(`${what}, one fails`, async () => {
      const { one, two, stored, statements, ids } = await setUp(organisation);
      const [a, b] = ids;
      const outcome = (sent: Promise<unknown>): Promise<string> =>
        sent.then(() => 'stored', classify);
      await one.batch(statements(a, first(stored, 0)).slice(0, -1));
      const other = outcome(two.batch(statements(b, second(stored, 0))));
      // Whether a key is looked at before the COMMIT is not of interest.
      await waits(other);
      const outcomes = [await outcome(one.query({ sql: 'COMMIT', values: [] })), await other];
      expect(outcomes.filter((each) => each === 'stored')).to.have.length(1);
      for (const link of [one, two]) await link.query(rollback);
    });
  }

  it('the removal of expired keys leaves one that was taken again', async () => {
    const { one, user, stored, statements, ids } = await setUp('org-removal');
    const [a, b] = ids;
    const at = clock.now();
    await one.batch(statements(b, remembered(stored, dayBeforeYesterday)));
    await server.fault({ kind: 'keep_matched' });
    await one.batch(statements(a, remembered(stored, at)).slice(0, -1));
    const removed = store.system.removeExpiredResponses(expiredBefore(at));
    expect(await waits(removed), 'it waits for the lock').to.equal(true);
    await one.query({ sql: 'COMMIT', values: [] });
    await removed;
    const key = { read: 'rememberedResponse', owner: 'o', key: 'k' } as const;
    expect(await user.store.read(key)).to.have.property('rememberedAt', at);
  });
});

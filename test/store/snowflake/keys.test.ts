import { expect } from 'chai';
import type { Decided, Decision } from '../../../src/domain/decision.js';
import { look } from '../../../src/domain/decision.js';
import type { StoredDeployment } from '../../../src/domain/deployments/deployment.js';
import { ApplicationError } from '../../../src/domain/errors.js';
import type { Creation } from '../../../src/domain/idempotency/idempotency.js';
import { once } from '../../../src/domain/idempotency/once.js';
import { toValues } from '../../../src/store/snowflake/deployments/rows.js';
import type { Row } from '../../../src/store/snowflake/statement.js';
import { openStoreThrough } from '../../../src/store/snowflake/store.js';
import type { Store } from '../../../src/store/store.js';
import { caller, instantOf, storedDeployment } from '../../support/stored.js';
import { batchError, FakeLink, MemoryLog, options, rowOf, upToDate } from './fakes.js';

const first = storedDeployment(1);
const second = storedDeployment(2);
const { organisation, id } = first.deployment;
const request = { owner: 'o', key: 'k', fingerprint: 'f', at: instantOf(1) };
const none = Object.fromEntries(
  Object.keys(rowOf(toValues(first, ''))).map((name) => [name, null]),
);

/** The row of a first response. */
function responseRow(part: number, rememberedAt = request.at, fingerprint = 'f'): Row {
  const EXTRA = `${fingerprint} ${JSON.stringify(first.deployment)}`;
  return { ...none, PART: part, CREATED_AT: new Date(rememberedAt), EXTRA };
}

describe('an Idempotency-Key over Snowflake', () => {
  let link: FakeLink;
  let store: Store;
  let answer: (sql: string) => Row[];

  beforeEach(async () => {
    link = new FakeLink();
    answer = () => [];
    link.answer = upToDate((sql) => answer(sql));
    store = await openStoreThrough(() => Promise.resolve(link), options, new MemoryLog());
    link.sent.length = 0;
  });
  afterEach(() => store.close());

  const requests = () => link.sent.map((sql) => sql.trim().split(/\s+/, 1).join());
  const change = (decide: Parameters<typeof once>[2]): Promise<Creation> =>
    store
      .for(organisation)
      .change('create', () => once(request, { caller, action: 'register' }, decide));
  const failure = (call: Promise<unknown>) => call.catch((error: unknown) => error);

  const create = (): Decided<StoredDeployment> => ({
    changes: { deployments: { created: [second] } },
    result: second,
  });
  function* createAfterLooking(): Decision<StoredDeployment> {
    yield* look({ target: { read: 'deployment', id } });
    return create();
  }
  function* refuse(): Decision<never> {
    yield* look({ target: { read: 'deployment', id } });
    throw new ApplicationError('rollback-pending', 'no');
  }

  it('is taken to be new, and costs nothing', async () => {
    expect(await change(create)).to.deep.equal({ stored: second, replayed: false });
    expect(requests()).to.deep.equal(['BEGIN']);
  });

  it('is looked up once the first try has failed on it, and gives the first answer', async () => {
    answer = (sql) => {
      if (sql.startsWith('BEGIN')) throw batchError('Primary key already exists');
      return sql.includes('FROM remembered_responses') ? [responseRow(0)] : [];
    };
    const result = await change(create);
    expect(result.replayed).to.equal(true);
    expect(result.stored.deployment).to.deep.equal(first.deployment);
    expect(requests()).to.deep.equal(['BEGIN', 'ROLLBACK', 'SELECT']);
  });

  it('is asked about along with what the decision reads', async () => {
    expect(await change(createAfterLooking)).to.deep.equal({ stored: second, replayed: false });
    expect(requests()).to.deep.equal(['SELECT', 'BEGIN']);
    expect(link.sent[0]).to.include('FROM remembered_responses');
  });

  it('that turns out to be in use then gives the first answer without another look', async () => {
    answer = () => [responseRow(1)];
    const result = await change(refuse);
    expect(result).to.deep.equal({ stored: first, replayed: true });
    expect(requests()).to.deep.equal(['SELECT']);
  });

  it('that belongs to another request is refused', async () => {
    answer = () => [responseRow(1, request.at, 'other')];
    const error = await failure(change(createAfterLooking));
    expect(error).to.be.instanceOf(ApplicationError);
    expect(error).to.have.property('code', 'idempotency-key-reused');
  });

  it('that has expired is taken for the request', async () => {
    answer = (sql) => (sql.startsWith('BEGIN') ? [] : [responseRow(1, '2025-01-01T00:00:00.000Z')]);
    expect(await change(createAfterLooking)).to.deep.equal({ stored: second, replayed: false });
    expect(requests()).to.deep.equal(['SELECT', 'SELECT', 'BEGIN']);
  });

  it('is asked about once more when the change failed after it was known', async () => {
    let failed = false;
    answer = (sql) => {
      if (!sql.startsWith('BEGIN')) return failed && sql !== 'ROLLBACK' ? [responseRow(1)] : [];
      failed = true;
      throw batchError('NULL result in a non-nullable column');
    };
    expect((await change(createAfterLooking)).replayed).to.equal(true);
    expect(requests()).to.deep.equal(['SELECT', 'BEGIN', 'ROLLBACK', 'SELECT']);
  });

  it('is asked about together with what there is to refuse for, also when a change has failed', async () => {
    let failed = false;
    answer = (sql) => {
      if (!sql.startsWith('BEGIN')) return failed && sql !== 'ROLLBACK' ? [responseRow(1)] : [];
      failed = true;
      throw batchError('NULL result in a non-nullable column');
    };
    // What another request has stored under the key meanwhile stands in the way of this one.
    const rollBack = (): Decision<StoredDeployment> => (failed ? refuse() : createAfterLooking());
    expect((await change(rollBack)).replayed).to.equal(true);
    expect(requests()).to.deep.equal(['SELECT', 'BEGIN', 'ROLLBACK', 'SELECT']);
  });

  it('that had expired is asked about once more when another request has taken it since', async () => {
    let taken = false;
    answer = (sql) => {
      if (sql === 'ROLLBACK') return [];
      if (!sql.startsWith('BEGIN')) {
        return [responseRow(1, taken ? request.at : '2025-01-01T00:00:00.000Z')];
      }
      taken = true;
      throw batchError('NULL result in a non-nullable column');
    };
    expect((await change(createAfterLooking)).replayed).to.equal(true);
    expect(requests()).to.deep.equal(['SELECT', 'SELECT', 'BEGIN', 'ROLLBACK', 'SELECT']);
  });

  it('that is new makes a refusal final', async () => {
    expect(await failure(change(refuse))).to.have.property('code', 'rollback-pending');
    expect(requests()).to.deep.equal(['SELECT']);
  });

  it('that nobody was asked about makes nothing final: the first answer counts', async () => {
    answer = (sql) => (sql.includes('FROM remembered_responses') ? [responseRow(0)] : []);
    const result = await change(() => {
      throw new ApplicationError('forbidden', 'no');
    });
    expect(result.replayed).to.equal(true);
    expect(requests()).to.deep.equal(['SELECT']);
  });
});

import { expect } from 'chai';
import type { Store } from '../../src/store/store.js';
import { openSqliteStore } from '../../src/store/sqlite/store.js';
import { keyed, StoreUser } from './harness.js';

describe('what SQLite writes', () => {
  let store: Store;
  let acme: StoreUser;
  beforeEach(async () => {
    store = await openSqliteStore(':memory:');
    acme = new StoreUser(store, 'acme');
  });
  afterEach(() => store.close());

  it("is found under one's own key, though everybody's has expired and is still there", async () => {
    const everybody = { ...keyed('k', 'a', '2026-01-01T00:00:00.000Z'), owner: '*' };
    await acme.create({}, everybody);
    const own = keyed('k', 'a', '2026-01-03T00:00:00.000Z');
    const first = await acme.create({}, own);
    expect(first.replayed).to.equal(false);
    expect(await acme.create({}, own)).to.deep.equal({ ...first, replayed: true });
  });

  it('does not end the skipping of a deployment that was deployed again since', async () => {
    const deployed = await acme.place({}, 'deployed');
    const { id } = deployed.deployment;
    const [first, last] = ['2026-01-01T00:00:00.001Z', '2026-01-01T00:00:00.002Z'];
    const change = (changes: object) =>
      acme.store.change('skip', () => ({ changes, result: undefined }));
    for (const since of [first, last]) await change({ skipping: [{ deployed, since }] });
    const failed = change({ doneSkipping: [{ id, since: first }] });
    expect(await failed.catch((error: unknown) => error)).to.be.instanceOf(Error);
    expect(await acme.store.read({ read: 'skippingSince', id })).to.equal(last);
    await change({ doneSkipping: [{ id, since: last }] });
    expect(await acme.store.read({ read: 'skippingSince', id })).to.equal(undefined);
  });
});

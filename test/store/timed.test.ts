import { expect } from 'chai';
import type { DeploymentStore } from '../../src/store/store.js';
import { ApplicationError } from '../../src/domain/errors.js';
import { storeOperations, timed } from '../../src/store/timed.js';

describe('a timed store', () => {
  const calls: [string, boolean][] = [];
  const metrics = {
    storeCall: (operation: string, _seconds: number, failed: boolean) =>
      void calls.push([operation, failed]),
  };
  beforeEach(() => calls.splice(0));

  /** A store whose every operation ends in one way. */
  function ending(end: () => Promise<never>): DeploymentStore {
    const operations = [...storeOperations, 'close'].map((name) => [name, end]);
    return Object.fromEntries(operations) as DeploymentStore;
  }
  const callAll = async (store: DeploymentStore) => {
    for (const operation of storeOperations) {
      await (store[operation] as () => Promise<unknown>)().catch(() => undefined);
    }
  };

  it('counts what it could not do, for each of its operations', async () => {
    await callAll(
      timed(
        ending(() => Promise.reject(new Error('broken'))),
        metrics,
      ),
    );
    expect(calls).to.deep.equal(storeOperations.map((operation) => [operation, true]));
  });

  it('counts that it was out of reach, and not that the domain refused', async () => {
    const refusing = (code: 'unavailable' | 'transition-not-allowed') =>
      timed(
        ending(() => Promise.reject(new ApplicationError(code, 'no'))),
        metrics,
      );
    await refusing('unavailable')
      .check()
      .catch(() => undefined);
    await refusing('transition-not-allowed')
      .check()
      .catch(() => undefined);
    expect(calls).to.deep.equal([
      ['check', true],
      ['check', false],
    ]);
  });
});

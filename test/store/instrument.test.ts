import { expect } from 'chai';
import { ApplicationError } from '../../src/domain/errors.js';
import { instrument, storeOperations } from '../../src/store/instrument.js';
import type { Store, TenantStore } from '../../src/store/store.js';

describe('an instrumented store', () => {
  const calls: [string, boolean][] = [];
  const spans: string[] = [];
  const metrics = {
    storeCall: (operation: string, _seconds: number, failed: boolean) =>
      void calls.push([operation, failed]),
  };
  const trace = <T>(operation: string, call: () => Promise<T>): Promise<T> => {
    spans.push(operation);
    return call();
  };
  beforeEach(() => {
    calls.splice(0);
    spans.splice(0);
  });

  /** A store whose every operation ends in one way. */
  function ending(end: () => Promise<never>): Store {
    const tenant: TenantStore = { read: end, change: end };
    return {
      for: () => tenant,
      subscribe: () => () => undefined,
      subscribeToOthers: () => () => undefined,
      system: {
        depth: end,
        skipping: end,
        dueQueues: end,
        organisations: end,
        removeExpiredResponses: end,
      },
      tenants: { find: end, seenAs: end, register: end },
      check: end,
      close: end,
    };
  }
  /** Everything that can be asked of a store. */
  async function callAll(store: Store): Promise<void> {
    const acme = store.for('acme');
    const { system, tenants } = store;
    const all = [
      () => acme.read({ read: 'deployment', id: 'x' }),
      () => acme.change('updateDeployment', () => ({ changes: {}, result: undefined })),
      () => system.depth(),
      () => system.skipping(),
      () => system.organisations(),
      () => system.removeExpiredResponses(''),
      () => tenants.find('65'),
      () => tenants.seenAs('acme'),
      () => tenants.register({ id: '65', login: 'acme' }, 'acme', ''),
      () => store.check(),
    ];
    for (const call of all) await call().catch(() => undefined);
  }
  const names = [
    'deployment',
    'updateDeployment',
    'depth',
    'skipping',
    'organisations',
    'removeExpiredResponses',
    'tenant',
    'tenantsSeenAs',
    'registerTenant',
    'check',
  ];

  it('counts what it could not do, by the name of what was asked', async () => {
    await callAll(
      instrument(
        ending(() => Promise.reject(new Error('broken'))),
        metrics,
      ),
    );
    expect(calls).to.deep.equal(names.map((name) => [name, true]));
    expect(storeOperations).to.include.members(names);
  });

  it('makes each a span of its request, but for the probe of readiness, which has none', async () => {
    await callAll(
      instrument(
        ending(() => Promise.reject(new Error('broken'))),
        metrics,
        trace,
      ),
    );
    expect(spans).to.deep.equal(names.filter((name) => name !== 'check'));
    expect(calls).to.deep.equal(names.map((name) => [name, true]));
  });

  it('counts that it was out of reach, and not that a decision was against it', async () => {
    for (const code of ['unavailable', 'transition-not-allowed'] as const) {
      const store = instrument(
        ending(() => Promise.reject(new ApplicationError(code, 'no'))),
        metrics,
      );
      await store.check().catch(() => undefined);
    }
    expect(calls).to.deep.equal([
      ['check', true],
      ['check', false],
    ]);
  });
});

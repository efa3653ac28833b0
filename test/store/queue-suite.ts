import { expect } from 'chai';
import { look } from '../../src/domain/decision.js';
import { approve } from '../../src/domain/deployments/approve.js';
import type { DeploymentCreate } from '../../src/domain/deployments/deployment.js';
import { putEnvironment } from '../../src/domain/environments/change.js';
import type { EnvironmentPut } from '../../src/domain/environments/environment.js';
import { claim } from '../../src/domain/queue/claim.js';
import type { Claimed } from '../../src/domain/queue/claim.js';
import { claimNext } from '../../src/domain/queue/claim-next.js';
import { changeOfHead } from '../../src/domain/queue/change.js';
import type { Queue, QueueEntry } from '../../src/domain/queue/entries.js';
import { expire } from '../../src/domain/queue/expire.js';
import { leave, leaveWork, release, renew } from '../../src/domain/queue/hold.js';
import { hashToken } from '../../src/domain/tokens.js';
import type { IdempotentRequest } from '../../src/domain/idempotency/idempotency.js';
import { referenceRead } from '../support/reference-reads.js';
import type { QueueState } from '../support/reference-reads.js';
import { keyed, StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** An instant some seconds after all that the tests store. */
const at = (seconds: number): string =>
  new Date(Date.parse('2100-01-01T00:00:00.000Z') + seconds * 1000).toISOString();

/** Queues: what is read of them is what was written, and of two changes from one state one is stored. */
export function describeQueue(open: OpenStore): void {
  describe('queues', () => {
    const used = useStore(open);

    const register = async (fields: Partial<DeploymentCreate> = {}): Promise<string> =>
      (await used.acme.create(fields)).stored.deployment.id;

    function tryClaim(
      id: string,
      {
        now = 0,
        request,
        user = used.acme,
      }: { now?: number; request?: IdempotentRequest; user?: StoreUser } = {},
    ): Promise<Claimed> {
      const command = {
        id,
        caller: user.caller,
        call: `call ${id}`,
        isFirst: true,
        waitSeconds: 30,
        leaseSeconds: 60,
        tokenHash: hashToken('token'),
        request,
      };
      return user.store.change('claim', () => claim(command, at(now)));
    }

    const approveBy = (actor: string, id: string) =>
      used.acme.store.change('approveDeployment', () =>
        approve({ id, caller: { ...used.acme.caller, actor }, reason: null }, at(0)),
      );

    const set = (name: string, put: EnvironmentPut) =>
      used.acme.store.change('putEnvironment', () =>
        putEnvironment(
          {
            name,
            caller: { ...used.acme.caller, source: 'development' },
            precondition: () => undefined,
          },
          put,
          at(0),
        ),
      );

    const holder = (id: string) => ({ id, caller: used.acme.caller, token: 'token' });

    it('are empty where nothing has happened', async () => {
      const id = await register();
      const { store } = used.acme;
      const queue = await store.read({ read: 'queue', environment: 'production' });
      expect(queue).to.deep.include({ waiting: [], leases: [], turns: [] });
      expect(queue?.head).to.deep.include({ organisation: 'acme', revision: 0, dueAt: null });
      expect(queue?.head.stored.environment).to.include({
        environment: 'production',
        max_running: 1,
      });
      expect(await store.read({ read: 'queue', id })).to.deep.equal(queue);
      expect(await store.read({ read: 'ownEntries', id })).to.deep.equal({
        head: queue?.head,
        waiting: undefined,
        lease: undefined,
      });
      expect(await store.read({ read: 'environments', after: '', limit: 10 })).to.deep.equal([]);
    });

    it("of what is not there, or is another tenant's, are nothing", async () => {
      const id = await register();
      await tryClaim(id);
      const other = new StoreUser(used.opened.store, 'other');
      expect(await other.store.read({ read: 'queue', id })).to.equal(undefined);
      expect(await other.store.read({ read: 'ownEntries', id })).to.equal(undefined);
      const queue = await other.store.read({ read: 'queue', environment: 'production' });
      expect(queue).to.deep.include({ waiting: [], leases: [], turns: [] });
      const within = { environment: 'production' };
      expect(await other.store.read({ read: 'inProgress', within })).to.deep.equal([]);
    });

    it('hold what was written, read in every way as the reference does', async () => {
      await set('production', { exclusive: 'environment', queue_ttl_seconds: 3_600 });
      const ids: string[] = [];
      for (const name of ['basket', 'checkout', 'search']) ids.push(await register({ name }));
      await register({ name: 'basket', environment: 'staging' });
      for (const id of ids) await tryClaim(id);
      const [first = '', second = ''] = ids;
      await used.acme.store.change('renewLease', () => renew(holder(first), at(10)));
      await used.acme.store.change('leaveQueue', () =>
        leave({ id: second, call: `call ${second}` }, at(20)),
      );

      const { deployments } = await used.acme.list();
      const stored = await Promise.all(deployments.map(({ id }) => used.acme.get(id)));
      const queue = await used.acme.store.read({ read: 'queue', environment: 'production' });
      if (queue === undefined) throw new Error('there is a queue of every environment');
      expect(queue.leases.map(({ id }) => id)).to.deep.equal([first]);
      expect(queue.waiting.map(({ status }) => status)).to.deep.equal(['scheduled', 'scheduled']);
      const state: QueueState = { head: queue.head, entries: entriesOf(queue) };
      const world = {
        deployments: stored.flatMap((each) => (each === undefined ? [] : [each])),
        queues: new Map([['production', state]]),
      };
      for (const id of ids) {
        for (const read of [
          { read: 'ownEntries', id },
          { read: 'inProgress', within: { environment: 'production' } },
          { read: 'environments', after: '', limit: 10 },
          { read: 'environments', after: 'production', limit: 10 },
        ] as const) {
          expect(await used.acme.store.read<typeof read>(read), JSON.stringify(read)).to.deep.equal(
            referenceRead(world, read),
          );
        }
      }
    });

    it('say what workers may start: of each taxonomy the first, as the reference does', async () => {
      const { acme } = used;
      for (const fields of [
        { name: 'basket', version: '1' },
        { name: 'basket', version: '2', region: 'eu-central-1' },
        { name: 'basket', version: '3', region: 'eu-central-1' },
        { name: 'checkout', version: '1', cell: 'a', cloud_account_id: '1' },
        { name: 'checkout', version: '2', auto: false },
        { name: 'search', version: '1', environment: 'staging' },
        { name: 'search', version: '2', provider: 'aws' },
      ] as const) {
        const id = await register({ auto: true, ...fields });
        if (fields.name === 'basket' && fields.version === '2') await approveBy('mona', id);
      }
      const started = await register({ auto: true, name: 'started' });
      await tryClaim(started);
      for (const version of ['1', '2']) {
        await acme.place({ name: 'mail', version, auto: true }, 'deployed');
      }
      const { stored: rolledBack } = await acme.rollback({ name: 'mail', auto: true });
      await register({ name: 'mail', version: '3', auto: true });
      const { deployments: all } = await acme.list();
      const stored = await Promise.all(all.map(({ id }) => acme.get(id)));
      const world = { deployments: stored.flatMap((each) => (each === undefined ? [] : [each])) };
      const production = { environment: 'production' } as const;
      const selectors = [
        production,
        { environment: 'staging' },
        { environment: 'nowhere' },
        { ...production, name: 'basket' },
        { ...production, provider: 'aws' },
        { ...production, name: 'basket', region: 'eu-central-1' },
        { ...production, cell: 'a', cloud_account_id: '1', name: 'checkout' },
        { ...production, cell: 'b' },
      ] as const;
      for (const selector of selectors) {
        for (const order of ['newest', 'oldest'] as const) {
          for (const limit of [2, 100]) {
            for (const approvals of [0, 1, 2]) {
              const of = { selector, order, approvals, limit } as const;
              const read = { read: 'autoScheduled', ...of } as const;
              const expected = referenceRead(world, read);
              expect(await acme.store.read(read), JSON.stringify(read)).to.deep.equal(expected);
            }
          }
        }
      }
      const read = {
        read: 'autoScheduled',
        selector: production,
        order: 'newest',
        approvals: 0,
        limit: 9,
      } as const;
      const ids = (await acme.store.read(read)).map(({ deployment }) => deployment.id);
      expect(ids).to.have.length(6).and.include(rolledBack.deployment.id).and.not.include(started);
      const other = new StoreUser(used.opened.store, 'other');
      expect(await other.store.read(read)).to.deep.equal([]);
    });

    it('give one deployment to one of many workers, and keep those that wait', async () => {
      const id = await register({ auto: true });
      const work = (call: string) =>
        used.acme.store.change('claimNext', () =>
          claimNext(
            {
              selector: { environment: 'production', name: 'checkout' },
              caller: used.acme.caller,
              call,
              isFirst: true,
              waitSeconds: 30,
              leaseSeconds: 60,
              tokenHash: hashToken('token'),
              request: undefined,
            },
            at(0),
          ),
        );
      const claimed = await Promise.all(['a', 'b', 'c'].map(work));
      const leases = claimed.flatMap(({ lease }) => lease ?? []);
      expect(leases.map((lease) => lease.id)).to.deep.equal([id]);
      const queue = await used.acme.store.read({ read: 'queue', environment: 'production' });
      expect(queue?.workers).to.have.length(2);
      for (const { id: call } of queue?.workers ?? []) {
        await used.acme.store.change('leaveQueue', () =>
          leaveWork({ environment: 'production', call }, at(1)),
        );
      }
      const left = await used.acme.store.read({ read: 'queue', environment: 'production' });
      expect(left?.workers).to.deep.equal([]);
    });

    it('stay as they are when the store is opened once more, and the fences go on', async () => {
      const first = await register({ name: 'first' });
      const second = await register({ name: 'second' });
      const before = (await tryClaim(first)).lease?.fence ?? 0;
      const queue = await used.acme.store.read({ read: 'queue', environment: 'production' });
      const reopened = await used.opened.reopen();
      const user = new StoreUser(reopened, 'acme');
      expect(await user.store.read({ read: 'queue', environment: 'production' })).to.deep.equal(
        queue,
      );
      const after = (await tryClaim(second, { user })).lease?.fence;
      expect(after).to.be.greaterThan(before);
    });

    it('give one lease of two that are claimed at the same moment', async () => {
      const ids = [await register({ version: '1' }), await register({ version: '2' })];
      const claimed = await Promise.all(ids.map((id) => tryClaim(id)));
      expect(claimed.filter(({ lease }) => lease !== undefined)).to.have.length(1);
      const { deployments } = await used.acme.list({ filter: { status: ['in_progress'] } });
      expect(deployments).to.have.length(1);
    });

    it('lose none of many claims at once, and give each fence once', async () => {
      const ids: string[] = [];
      for (let number = 0; number < 8; number += 1) {
        ids.push(await register({ name: `component-${number}` }));
      }
      const claimed = await Promise.all(ids.map((id) => tryClaim(id)));
      const fences = claimed.map(({ lease }) => lease?.fence ?? 0);
      expect(new Set(fences).size).to.equal(ids.length);
      const queue = await used.acme.store.read({ read: 'queue', environment: 'production' });
      expect(queue?.leases.map(({ id }) => id).sort()).to.deep.equal([...ids].sort());
    });

    it('are counted by environment while they are held, of all organisations', async () => {
      const { system } = used.opened.store;
      const leased = async () =>
        (await system.depth()).flatMap(({ environment, status, count }) =>
          status === 'leased' ? [[environment, count]] : [],
        );
      expect(await leased()).to.deep.equal([]);
      const held = await register({ name: 'held' });
      const other = new StoreUser(used.opened.store, 'other');
      const { stored } = await other.create();
      await tryClaim(held);
      await tryClaim(stored.deployment.id, { user: other });
      await tryClaim(await register({ environment: 'staging' }));
      expect(await leased()).to.have.deep.members([
        ['production', 2],
        ['staging', 1],
      ]);
      await used.acme.store.change('releaseLease', () => release(holder(held), at(1)));
      expect(await leased()).to.deep.include(['production', 1]);
    });

    it('are not changed from a state that is no longer theirs', async () => {
      const id = await register();
      await tryClaim(id);
      const entries = await used.acme.store.read({ read: 'ownEntries', id });
      await used.acme.store.change('renewLease', () => renew(holder(id), at(1)));
      const head = entries?.head;
      if (head === undefined) throw new Error('the deployment is there');
      const failure: unknown = await used.acme.store
        .change('test', () => ({
          changes: { queue: changeOfHead(head, { put: [], removed: [{ kind: 'lease', id }] }) },
          result: undefined,
        }))
        .catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error);
      expect((await used.acme.store.read({ read: 'ownEntries', id }))?.lease).to.not.equal(
        undefined,
      );
    });

    it('change together with the deployment, or not at all', async () => {
      const id = await register();
      await tryClaim(id);
      await used.acme.store.change('releaseLease', () => release(holder(id), at(1)));
      expect((await used.acme.get(id))?.deployment.status).to.equal('scheduled');
      expect((await used.acme.store.read({ read: 'ownEntries', id }))?.lease).to.equal(undefined);
    });

    it('remember who got a lease under an Idempotency-Key', async () => {
      const id = await register();
      const request = keyed('claim');
      const first = await tryClaim(id, { request });
      const again = await tryClaim(id, { request });
      expect(again).to.deep.include({ replayed: true });
      expect(again.lease?.fence).to.equal(first.lease?.fence);
    });

    it('are due when a lease runs out, and then it is ended once by whoever comes first', async () => {
      const id = await register();
      await tryClaim(id);
      const { system } = used.opened.store;
      expect(await system.dueQueues(at(59), 10)).to.deep.equal([]);
      const name = { organisation: 'acme', environment: 'production', dueAt: at(60) };
      expect(await system.dueQueues(at(60), 10)).to.deep.equal([name]);
      const runs = await Promise.all(
        [1, 2].map(() =>
          used.acme.store.change('expireLeases', () => expire('production', at(60))),
        ),
      );
      expect(runs.flatMap(({ failed }) => failed)).to.have.length(1);
      expect((await used.acme.get(id))?.deployment.status).to.equal('failed');
      expect((await used.acme.events(id)).at(-1)?.cause).to.equal('lease_expired');
      expect(await system.dueQueues(at(10_000), 10)).to.deep.equal([]);
    });

    it('are read in a slice with others', async () => {
      const id = await register();
      await tryClaim(id);
      const data = await used.acme.store.change('look', function* () {
        const found = yield* look({
          own: { read: 'ownEntries', id } as const,
          target: { read: 'deployment', id } as const,
          running: { read: 'inProgress', within: { environment: 'production' } } as const,
        });
        return { changes: {}, result: found };
      });
      expect(data.own?.lease?.id).to.equal(id);
      expect(data.target?.deployment.id).to.equal(id);
      expect(data.running.map(({ deployment }) => deployment.id)).to.deep.equal([id]);
    });
  });
}

function entriesOf({ waiting, leases, turns, workers }: Queue): QueueEntry[] {
  return [...waiting.map(({ entry }) => entry), ...leases, ...turns, ...workers];
}

import { expect } from 'chai';
import { look } from '../../src/domain/decision.js';
import type { Deployment, StoredDeployment } from '../../src/domain/deployments/deployment.js';
import type { Place, Scheduled } from '../../src/domain/deployments/reads.js';
import { taxonomyKey } from '../../src/domain/deployments/taxonomy.js';
import { ApplicationError } from '../../src/domain/errors.js';
import type { Read } from '../../src/domain/reads.js';
import { Random } from '../support/random.js';
import { referenceRead } from '../support/reference-reads.js';
import type { World } from '../support/reference-reads.js';
import { StoreUser, useStore } from './harness.js';
import type { OpenStore } from './harness.js';

/** What a store gives a decision is what there is: compared with all of it, read by read. */
export function describeSlices(open: OpenStore): void {
  describe('slices for decisions', () => {
    const used = useStore(open);

    const histories = Number(process.env['TEST_HISTORIES'] ?? 6);
    const seeds = Array.from({ length: histories }, (_, index) => 1000 + index);
    for (const seed of seeds) {
      it(`hold what the whole of a random history says (seed ${seed})`, async () => {
        const random = new Random(seed);
        const skipping = new Map<string, string>();
        const rolledBack: StoredDeployment[] = [];
        const unsubscribe = used.opened.store.subscribe(({ changes }) => {
          rolledBack.push(...(changes.rolledBack ?? []));
        });
        for (let round = 0; round < 3; round += 1) {
          for (let step = 0; step < 10; step += 1) await randomStep(used.acme, random);
          const world: World = { deployments: await everything(used.acme), skipping, rolledBack };
          const newest = world.deployments[0];
          if (newest !== undefined) await startSkipping(used.acme, newest, skipping);
          for (const read of questions(world, random)) {
            const expected = referenceRead(world, read);
            const [data] = await slice(used.acme, [read]);
            expect(sorted(read, data), JSON.stringify(read)).to.deep.equal(sorted(read, expected));
          }
        }
        unsubscribe();
      });
    }

    it('are read together as each by itself', async () => {
      const random = new Random(7);
      const rolledBack: StoredDeployment[] = [];
      used.opened.store.subscribe(({ changes }) => {
        rolledBack.push(...(changes.rolledBack ?? []));
      });
      for (let step = 0; step < 12; step += 1) await randomStep(used.acme, random);
      const world: World = { deployments: await everything(used.acme), rolledBack };
      const reads = questions(world, random).slice(0, 14);
      const expected = reads.map((read) => referenceRead(world, read));
      const data = await slice(used.acme, reads);
      for (const [nth, read] of reads.entries()) {
        expect(sorted(read, data[nth])).to.deep.equal(sorted(read, expected[nth]));
      }
    });

    it('hold nothing of another tenant', async () => {
      const { deployment } = await used.acme.place({ version: '1' }, 'deployed');
      await used.acme.place({ version: '2' }, 'deployed');
      await used.acme.rollback();
      const other = new StoreUser(used.opened.store, 'other');
      const reads = questionsOf({ id: deployment.id }, deployment, '1');
      for (const [nth, data] of (await slice(other, reads)).entries()) {
        expect(data ?? [], JSON.stringify(reads[nth])).to.deep.equal([]);
      }
    });

    it('create one rollback for ten that are asked for at once', async () => {
      await used.acme.place({ version: '1' }, 'deployed');
      await used.acme.place({ version: '2' }, 'deployed');
      const calls = Array.from({ length: 10 }, () => used.acme.rollback());
      const outcomes = await Promise.allSettled(calls);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      expect(await used.acme.versions({ trigger: 'rollback' })).to.deep.equal(['1']);
    });

    /** What becomes of a `scheduled` deployment when a newer one of a taxonomy is deployed. */
    const place = { cloud_account_id: 'acme-prod', region: 'europe-west1', cell: 'cell-1' };
    const elsewhere: Partial<Deployment>[] = [
      { name: 'basket' },
      { environment: 'staging' },
      { provider: 'aws' },
      { cloud_account_id: 'acme-dev' },
      { region: 'europe-west2' },
      { cell: 'cell-2' },
      { cloud_account_id: null },
      { region: null },
      { cell: null },
    ];
    it('leave what waits elsewhere, is newer, or does not wait, when a deployment is deployed', async () => {
      for (const difference of elsewhere) {
        await used.acme.place({ ...place, ...difference, version: 'elsewhere' });
      }
      await new StoreUser(used.opened.store, 'other').place({ ...place, version: 'foreign' });
      await used.acme.place({ ...place, version: 'running' }, 'in_progress');
      const older = await used.acme.place({ ...place, version: 'older', auto: false });
      const target = await used.acme.place({ ...place, version: 'target' });
      await used.acme.place({ ...place, version: 'newer' });
      const { skipped } = await used.acme.move(target.deployment.id, 'deployed');
      expect(skipped).to.equal(1);
      expect(await used.acme.versions({ status: ['skipped'] })).to.deep.equal([
        older.deployment.version,
      ]);
    });
  });
}

async function slice(acme: StoreUser, reads: readonly Read[]): Promise<unknown[]> {
  const named = Object.fromEntries(reads.map((read, nth) => [`read ${nth}`, read]));
  const data = await acme.store.change('look', function* () {
    return { changes: {}, result: yield* look(named) };
  });
  return reads.map((_, nth) => data[`read ${nth}`]);
}

/** These come in any order. */
function sorted(read: Read, data: unknown): unknown {
  if (data instanceof Map) {
    const filled = [...(data as Map<string, unknown>)].filter(([, each]) => !isNothing(each));
    return Object.fromEntries(
      filled.map(([key, each]) => [
        key,
        isScheduled(each)
          ? { ...each, ends: inAnyOrder(each.ends) }
          : read.read === 'runningIn'
            ? inAnyOrder(each)
            : each,
      ]),
    );
  }
  const isUnordered = ['running', 'pendingRollbacks', 'everDeployed'].includes(read.read);
  return isUnordered ? inAnyOrder(data) : data;
}

/** What may be left out. */
function isNothing(each: unknown): boolean {
  return isScheduled(each) ? each.count === 0 : (each as readonly unknown[]).length === 0;
}

function isScheduled(each: unknown): each is Scheduled {
  return typeof each === 'object' && each !== null && 'count' in each;
}

function inAnyOrder(data: unknown): string[] {
  return (data as readonly unknown[]).map((each) => JSON.stringify(each)).sort();
}

async function everything(acme: StoreUser): Promise<StoredDeployment[]> {
  const { deployments } = await acme.list();
  const stored = await Promise.all(deployments.map(({ id }) => acme.get(id)));
  return stored.filter((each) => each !== undefined);
}

async function startSkipping(
  acme: StoreUser,
  deployed: StoredDeployment,
  skipping: Map<string, string>,
): Promise<void> {
  const since = new Date(Date.now() - 2).toISOString();
  skipping.set(deployed.deployment.id, since);
  await acme.store.change('skip', () => ({
    changes: { skipping: [{ deployed, since }] },
    result: undefined,
  }));
}

/** Reads about some of the deployments, of every kind whose result has one right form. */
function questions({ deployments }: World, random: Random): Read[] {
  const some = [0, 1, 2].map(() => random.pick(deployments));
  return some.flatMap(({ deployment }) => [
    { read: 'usage' },
    ...questionsOf({ id: deployment.id }, deployment, random.pick(['1', '2', '9'])),
    ...questionsOf({ key: taxonomyKey(deployment) }, deployment, '1'),
    ...questionsOfSeveral(some.map((stored) => taxonomyKey(stored.deployment))),
  ]);
}

/** Reads about several taxonomies. */
function questionsOfSeveral(some: readonly string[]): Read[] {
  const keys = [...new Set([...some, 'none'])];
  const versions = keys.flatMap((key) => ['1', '3', '9'].map((version) => ({ key, version })));
  return [
    { read: 'runningIn', keys },
    { read: 'candidatesIn', keys, limit: 2 },
    { read: 'inProgressIn', keys, limit: 2 },
    { read: 'scheduledIn', keys },
    { read: 'everDeployed', versions },
    { read: 'queues', environments: ['production', 'none'] },
  ];
}

function questionsOf(place: Place, deployment: Deployment, version: string): Read[] {
  const { id, updated_at: at, created_at: createdAt } = deployment;
  const before = { deployed_at: deployment.deployed_at ?? at, created_at: createdAt, id };
  return [
    { read: 'deployment', id },
    { read: 'olderScheduled', than: id, limit: 3 },
    { read: 'olderScheduled', than: id, unchangedSince: at, limit: 100 },
    { read: 'skippedBy', id },
    { read: 'skippingSince', id },
    { read: 'replacedBy', id },
    { read: 'running', place },
    { read: 'pendingRollbacks', place },
    { read: 'candidates', place, otherThan: [], limit: 3 },
    { read: 'candidates', place, before, otherThan: [version, 'x'], limit: 100 },
    { read: 'ofVersion', place, version, limit: 2 },
    { read: 'registeredBefore', before: { created_at: createdAt, id }, limit: 5 },
  ];
}

async function randomStep(acme: StoreUser, random: Random): Promise<void> {
  const version = random.pick(['1', '2', '3']);
  const cell = random.pick(['a', 'a', 'a', 'b']);
  const status = random.pick([
    'scheduled',
    'in_progress',
    'deployed',
    'failed',
    'skipped',
    'cancelled',
  ] as const);
  if (random.next() < 0.3) {
    await acme
      .rollback({ cell: 'a' })
      .then(
        ({ stored }) => (random.next() < 0.7 ? acme.move(stored.deployment.id, status) : undefined),
        refused,
      );
    return;
  }
  const { deployment } = await acme.place({ version, cell }, status);
  if (random.next() < 0.3) await acme.move(deployment.id, 'failed').catch(refused);
}

function refused(error: unknown): void {
  if (!(error instanceof ApplicationError)) throw error;
}
